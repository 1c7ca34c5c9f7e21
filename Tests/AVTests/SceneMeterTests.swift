import Testing

@testable import AV

@Suite struct SceneMeterTests {
    /// A picture of one brightness, darker by a little in every second row of blocks so that it is not flat.
    private func picture(_ brightness: UInt8) throws -> Picture {
        let picture = try Picture.black(width: 128, height: 64)
        let (start, stride) = try #require(picture.plane(0))
        for row in 0..<64 {
            for column in 0..<128 { start[row * Int(stride) + column] = brightness - UInt8(row / 16 % 2 * 4) }
        }
        return picture
    }

    private func cuts(_ brightness: [UInt8]) throws -> [Int] {
        let meter = try SceneMeter()
        return try brightness.indices.filter { try meter.beginsScene(picture(brightness[$0])) }
    }

    @Test func `a scene begins where the picture changes at once`() throws {
        #expect(try cuts([40, 40, 41, 120, 121, 120, 40, 40]) == [3, 6])
    }

    @Test func `the first picture, noise and a fade begin none`() throws {
        #expect(try cuts([200, 200, 203, 199, 201]) == [])
        #expect(try cuts(Array(stride(from: 40, through: 220, by: 12))) == [])
    }

    @Test func `a picture that is kept stays as it was while its memory is wanted again`() throws {
        let meter = try SceneMeter()
        let scaler = try Scaler(from: (128, 64), to: (64, 32))
        let found = try [40, 40, 200, 200].map { try meter.beginsScene(scaler.scale(picture($0))) }
        #expect(found == [false, false, true, false])
    }
}
