import CFFmpeg
import MediaPlan
import Testing

@testable import AV

@Suite struct PosterChoiceTests {
    private static let size = (width: 128, height: 64)

    private static func poster(of pictures: [Picture], with choice: PosterChoice) throws -> [UInt8]? {
        for picture in pictures { try choice.add(picture) }
        return try choice.take()
    }

    private static func choice() -> PosterChoice {
        PosterChoice(among: 6, size: size, colour: EncodedColour(primaries: 1, transfer: 1, matrix: 1))
    }

    /// Squares that grow brighter from the left to the right.
    private static func scene() throws -> Picture {
        let picture = try Picture.black(width: size.width, height: size.height)
        let stride = Int(picture.frame.pointee.linesize.0)
        let luma = try #require(picture.frame.pointee.data.0)
        for row in 0..<size.height {
            for column in 0..<size.width { luma[row * stride + column] = UInt8(16 + column / 16 * 25 + row / 16) }
        }
        return picture
    }

    @Test func `what most pictures look like is chosen, and not the black one before them`() throws {
        let alone = try #require(try Self.poster(of: [Self.scene()], with: Self.choice()))
        let black = try #require(
            try Self.poster(of: [.black(width: 128, height: 64)], with: Self.choice()))
        let choice = Self.choice()
        for _ in 0..<2 {
            let pictures = [try Picture.black(width: 128, height: 64)] + (try (0..<5).map { _ in try Self.scene() })
            #expect(try Self.poster(of: pictures, with: choice) == alone)
        }
        #expect(alone.starts(with: [0xff, 0xd8]) && alone != black)
    }

    @Test func `nothing is chosen of nothing`() throws {
        #expect(try Self.choice().take() == nil)
    }
}
