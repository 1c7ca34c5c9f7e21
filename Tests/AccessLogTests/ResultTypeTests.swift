import AccessLog
import Testing

struct ResultTypeTests {
    @Test func `Every result has the word CloudFront has for it`() {
        let words = ResultType.allCases.map { "\($0.word)" }
        #expect(
            words == ["Hit", "RefreshHit", "Miss", "LimitExceeded", "CapacityExceeded", "Error", "Redirect"])
    }

    @Test func `Every detail but none has a word of its own`() {
        let words = DetailedResultType.allCases.compactMap(\.word).map { "\($0)" }
        #expect(Set(words).count == DetailedResultType.allCases.count - 1)
        #expect(DetailedResultType.none.word == nil)
        #expect(DetailedResultType.allCases.allSatisfy { DetailedResultType(rawValue: $0.rawValue) == $0 })
    }
}
