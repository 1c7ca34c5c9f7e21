import CFFmpeg
import CMAF
import Glibc
import MediaPlan
import Testing

@testable import AV

/// Films in which every picture shows its own number, as a field of black and white squares that survives any scaling.
enum NumberedFilm {
    private static let columns = 4

    /// A film whose picture *n* is shown at `times[n]` milliseconds; a keyframe every `group` pictures, an even number.
    ///
    /// Unless it is to be copied, it says that its colours are those of BT.2020, so that every size is encoded.
    static func bytes(
        times: [Int64], group: Int, preset: String = "veryfast", width: Int = 64, height: Int = 64,
        isCopyable: Bool = false
    ) throws -> [UInt8] {
        let colour = EncodedColour(primaries: isCopyable ? 1 : 9, transfer: 1, matrix: 1)
        let part = try Part(
            numbers: times.indices, group: group, preset: preset, width: width, height: height, colour: colour)
        return try bytes(of: [part], times: times, width: width, height: height, colour: colour)
    }

    /// A film of 25 frames per second that can be copied, joined from parts of other films: every part has parameter sets of its
    /// own under the same numbers, those of the first in the header, the others where they begin.
    static func joined(_ parts: [(frames: Int, group: Int, preset: String)]) throws -> [UInt8] {
        let colour = EncodedColour(primaries: 1, transfer: 1, matrix: 1)
        var end = 0
        let coded = try parts.map { part in
            defer { end += part.frames }
            return try Part(
                numbers: end..<end + part.frames, group: part.group, preset: part.preset, width: 64, height: 64,
                colour: colour)
        }
        return try bytes(of: coded, times: (0..<end).map { Int64($0) * 40 }, width: 64, height: 64, colour: colour)
    }

    /// Pictures that one encoder has coded.
    private struct Part {
        let sets: AVCParameterSets
        let frames: [EncodedFrame]
        let first: Int

        init(numbers: Range<Int>, group: Int, preset: String, width: Int, height: Int, colour: EncodedColour) throws {
            // The encoder's grid is about its groups alone: the times are written later.
            let grid = FrameGrid(rate: try #require(Rational(group, 2)))
            #expect(grid.framesPerGroup == group)
            let rung = Rung(
                name: "film", width: width, height: height, maximumBitsPerSecond: 4_000_000, constantRateFactor: 20,
                frameStep: 1)
            let encoder = try VideoEncoder(rung: rung, grid: grid, colour: colour, preset: preset)
            var frames: [EncodedFrame] = []
            for number in numbers {
                try encoder.encode(try picture(number, width: width, height: height)) { frames.append($0) }
            }
            try encoder.encode(nil) { frames.append($0) }
            self.frames = frames
            sets = try encoder.parameterSets()
            first = numbers.lowerBound
        }
    }

    private static func bytes(
        of parts: [Part], times: [Int64], width: Int, height: Int, colour: EncodedColour
    ) throws -> [UInt8] {
        let frames = parts.flatMap { part in
            part.frames.map { frame in
                let sets = [part.sets.sequence, part.sets.picture].flatMap { set -> [UInt8] in
                    [0, 0, 0, UInt8(set.count)] + set
                }
                let brings = frame.presentation == 0 && part.first > 0
                return (
                    place: part.first + Int(frame.presentation), isKey: frame.isKey,
                    bytes: (brings ? sets : []) + AnnexB.sample(from: frame.bytes)
                )
            }
        }
        let shown = frames.map { times[$0.place] }
        let delay = zip(times, shown).map { $0 - $1 }.max() ?? 0
        let samples = frames.indices.map { index in
            let next = index + 1 < times.count ? times[index + 1] : times[index] + 40
            return Sample(
                duration: UInt32(next - times[index]), compositionOffset: UInt32(shown[index] - times[index] + delay),
                isSync: frames[index].isKey, bytes: frames[index].bytes)
        }
        let track = VideoTrack(
            configuration: .avc(try #require(AVCConfiguration([parts[0].sets]))), width: width, height: height,
            timescale: 1000, reorderDelay: Int(delay),
            colour: .init(primaries: UInt16(colour.primaries), transfer: 1, matrix: 1))
        return InitializationSegment.bytes(video: track)
            + MediaSegment.bytes(sequence: 1, decodeTime: UInt64(times[0]), samples: samples)
    }

    static func picture(_ number: Int, width: Int, height: Int) throws -> Picture {
        let picture = try Picture.black(width: width, height: height)
        let stride = Int(picture.frame.pointee.linesize.0)
        let luma = try #require(picture.frame.pointee.data.0)
        for row in 0..<height {
            for column in 0..<width {
                let bit = row * columns / height * columns + column * columns / width
                if number >> bit & 1 == 1 { luma[row * stride + column] = 235 }
            }
        }
        return picture
    }

    /// The number that `picture` shows.
    static func number(of picture: Picture) throws -> Int {
        let stride = Int(picture.frame.pointee.linesize.0)
        let luma = try #require(picture.frame.pointee.data.0)
        return (0..<columns * columns).reduce(0) { number, bit in
            let row = (2 * (bit / columns) + 1) * picture.height / (2 * columns)
            let column = (2 * (bit % columns) + 1) * picture.width / (2 * columns)
            return luma[row * stride + column] > 125 ? number | 1 << bit : number
        }
    }

    /// What a rendition shows: the number in each picture, and the times in frames of `rate`.
    static func read(_ bytes: [UInt8], rate: Int) throws -> (numbers: [Int], places: [Int]) {
        try withBytes(bytes) { descriptor in
            let source = try MediaSource(borrowing: descriptor)
            try source.scan()
            let plan = try #require(try MediaPlan(for: source.media).video)
            let again = try MediaSource(borrowing: descriptor)
            let reader = try VideoReader(
                source: again, plan: plan, width: plan.sourceWidth, height: plan.sourceHeight)
            let grid = FrameGrid(rate: try #require(Rational(rate, 1)))
            var shown: (numbers: [Int], places: [Int]) = ([], [])
            let keep = { (timed: VideoReader.Timed) in
                shown.numbers.append(try number(of: timed.picture))
                shown.places.append(grid.frame(nearest: timed.time, unit: timed.unit))
            }
            let packet = try Packet()
            while again.read(into: packet) { try reader.read(packet, keep) }
            try reader.read(nil, keep)
            #expect(reader.decoder.brokenPackets == 0)
            return shown
        }
    }
}

func withBytes<R>(_ bytes: [UInt8], _ body: (Int32) throws -> R) throws -> R {
    let file = try #require(tmpfile())
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    fflush(file)
    return try body(fileno(file))
}

extension VideoEncoder {
    /// The parameter sets of an encoder of H.264.
    func parameterSets() throws -> AVCParameterSets {
        guard case .avc(let configuration) = try configuration() else {
            throw MediaRejection("another codec than asked for")
        }
        return configuration.sets[0]
    }
}
