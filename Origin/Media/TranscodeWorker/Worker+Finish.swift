internal import JSON
internal import Presentation

extension Worker {
    func finish(_ unit: LeasedUnit, _ outline: PresentationOutline, _ state: UnitState) async throws {
        try await origin.complete(unit, conformance: [:], brokenRule: nil)
    }
}
