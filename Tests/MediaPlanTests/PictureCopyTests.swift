import CMAF
import JSON
import MediaPlan
import Testing

/// An upload that can be copied, `seconds` long: 720 lines at 30 frames per second, a keyframe every two seconds, 2 Mb/s.
func copyableFilm(
    _ width: Int = 1280, _ height: Int = 720, rate: Int = 30, seconds: Int = 20, group: Int? = nil, bytes: Int32 = 8_000
) throws -> ProbedMedia {
    var media = try film(width, height, rate: Rational(rate, 1), times: Array(0..<Int64(seconds * rate)))
    media.canSeek = true
    media.coding = MeasuredCoding(
        sets: [parameterSets(width, height)],
        pictures: (0..<seconds * rate).map {
            .init(presentation: Int64($0), bytes: bytes, isIDR: $0.isMultiple(of: group ?? 2 * rate))
        })
    return media
}

/// Parameter sets of plain H.264, told apart by `mark`.
func parameterSets(
    _ width: Int = 1280, _ height: Int = 720, mark: UInt8 = 0,
    numbers: AVCParameterSets.Numbers = AVCParameterSets.Numbers(sequence: 0, picture: 0)
) -> MeasuredCoding.ParameterSets {
    .init(
        sequence: [0x67, 100, 0, 31, mark], picture: [0x68, mark], numbers: numbers,
        header: .init(
            profile: 100, constraints: 0, level: 31, width: width, height: height, bitDepth: 8, chromaFormat: 1,
            isProgressive: true))
}

@Suite struct PictureCopyTests {
    private func decision(_ media: ProbedMedia) throws -> MediaPlan.Decision {
        let plan = try MediaPlan(for: media)
        return try #require(plan.decisions.first { $0.subject == "passthrough" })
    }

    /// Why the film that `change` is about is not copied.
    private func refusal(
        _ media: ProbedMedia? = nil, _ change: (inout ProbedMedia) throws -> Void = { _ in }
    ) throws -> String {
        var media = try media ?? copyableFilm()
        try change(&media)
        let plan = try MediaPlan(for: media)
        #expect(plan.video?.copy == nil)
        #expect(plan.grid.cuts == nil)
        let decision = try decision(media)
        #expect(decision.choice.hasPrefix("no"))
        return decision.reason
    }

    @Test func `a source that every player takes is copied into the top rung, and says so`() throws {
        let media = try copyableFilm()
        let plan = try MediaPlan(for: media)
        let video = try #require(plan.video)
        let copy = try #require(video.copy)
        #expect(video.encodedRungs == 0..<4)
        #expect(copy.reorderFrames == 0)
        #expect(copy.colour == EncodedColour(primaries: 1, transfer: 1, matrix: 1))
        #expect((1_920_000...1_940_000).contains(copy.averageBitsPerSecond))
        #expect(plan.grid.cuts == [0, 180, 360, 540])
        #expect(plan.frames == 600)
        #expect(try decision(media).choice == "720p is copied")
        #expect(try decision(media).reason.contains("30 even frames per second, IDRs for 4 segments"))
        let renditions = plan.explanation(of: media)["renditions"]?.array ?? []
        #expect(renditions.map { $0["copied"]?.bool } == [false, false, false, false, true])
        #expect(renditions.last?["averageBitsPerSecond"]?.integer == Int64(copy.averageBitsPerSecond))
        #expect(renditions.last?["constantRateFactor"] == nil)
    }

    @Test func `segments are cut at keyframes, as near six seconds as these are`() throws {
        #expect(try MediaPlan(for: copyableFilm(group: 75)).grid.cuts == [0, 150, 300, 450])
        #expect(try MediaPlan(for: copyableFilm(group: 100)).grid.cuts == [0, 100, 200, 300, 400, 500])
        var media = try copyableFilm(group: 1000)
        for key in [20, 40, 170, 190, 360, 361, 530, 599] { media.coding?.pictures[key].isIDR = true }
        let grid = try MediaPlan(for: media).grid
        #expect(grid.cuts == [0, 170, 190, 361, 530])
        #expect(grid.targetDurationSeconds == 6)
        #expect(grid.segments(frames: 600) == 5)
    }

    @Test func `the colours that the stream states are kept`() throws {
        var media = try copyableFilm(768, 432, bytes: 2000)
        #expect(try MediaPlan(for: media).video?.copy?.colour == EncodedColour(primaries: 6, transfer: 6, matrix: 6))
        media.video?.colour = ProbedColour(primaries: 5, transfer: 1, matrix: 6)
        #expect(try MediaPlan(for: media).video?.copy?.colour == EncodedColour(primaries: 5, transfer: 1, matrix: 6))
    }

    @Test func `pictures in another order than they are shown in are copied with their delay`() throws {
        var media = try copyableFilm()
        // I P B B: shown as 0 3 1 2, then 4 7 5 6, …
        for group in stride(from: 0, to: 600, by: 60) {
            for start in stride(from: group + 1, to: group + 58, by: 3) {
                let shown = [start + 2, start, start + 1]
                for (index, time) in shown.enumerated() {
                    media.coding?.pictures[start + index].presentation = Int64(time)
                }
            }
        }
        #expect(try MediaPlan(for: media).video?.copy?.reorderFrames == 1)
    }

    @Test func `sound that begins a little before the pictures is cut, and time 0 is theirs`() throws {
        for (late, isWhole) in [(21_000, true), (100_000, true), (100_001, false)] as [(Int64, Bool)] {
            var media = try copyableFilm()
            media.audio = [ProbedAudio(streamIndex: 1, codec: "aac", sampleRate: 48_000, channels: 2)]
            var stream = ProbedStream(index: 1, kind: .audio, codec: "aac", isDecodable: true)
            stream.measured = MeasuredStream(
                packets: 900, bytes: 90_000, startMicroseconds: -late, endMicroseconds: 20_000_000)
            media.streams.append(stream)
            let plan = try MediaPlan(for: media)
            // Before the pictures, more than a moment of sound needs frames of its own.
            #expect(plan.video?.copy?.runs.map(\.segments) == [isWhole ? 1...4 : 2...4])
            #expect(plan.originMicroseconds == (isWhole ? 0 : -late))
            #expect(plan.decisions.contains { $0.subject == "start" } == isWhole)
            #expect(plan.frames == (isWhole ? 600 : 603))
        }
    }

    @Test func `what is not H.264 in a file that can be sought is not copied`() throws {
        #expect(try refusal { $0.video?.codec = "vp9" }.contains("vp9"))
        #expect(try refusal { $0.breaksOff = true }.contains("breaks off"))
        #expect(try refusal { $0.clockLeaps = 2 }.contains("leaps 2 times"))
        #expect(try refusal { $0.canSeek = false }.contains("no reliable way"))
        #expect(try refusal { $0.coding = nil }.contains("no parameter sets in its header"))
        #expect(try refusal { $0.coding?.sets = [] }.contains("exactly one set"))
        let damaged = try refusal { media in
            for index in stride(from: 6, to: 600, by: 60) { media.coding?.faults[index] = "is damaged" }
        }
        #expect(damaged.contains("its picture 7 is damaged"))
        let many = try refusal { media in
            for index in 0..<MeasuredCoding.mostFaults { media.coding?.faults[index] = "is damaged" }
        }
        #expect(many == "1024 of its pictures or more cannot be copied")
    }

    @Test func `what is not plain H.264 is not copied`() throws {
        #expect(try refusal { $0.coding?.sets[0].header?.profile = 110 }.contains("number 110"))
        #expect(try refusal { $0.coding?.sets[0].header?.profile = 66 }.contains("unconstrained Baseline"))
        #expect(try refusal { $0.coding?.sets[0].header?.bitDepth = 10 }.contains("10 bits"))
        #expect(try refusal { $0.coding?.sets[0].header?.chromaFormat = 2 }.contains("not 4:2:0"))
        #expect(try refusal { $0.coding?.sets[0].header?.isProgressive = false }.contains("by fields"))
        #expect(try refusal { $0.coding?.sets[0].header?.level = 60 }.contains("6.0"))
        var constrained = try copyableFilm()
        constrained.coding?.sets[0].header?.profile = 66
        constrained.coding?.sets[0].header?.constraints = 0xc0
        #expect(try decision(constrained).choice == "720p is copied")
    }

    @Test func `what is not shown as it is coded is not copied`() throws {
        #expect(try refusal { $0.video?.isInterlaced = true }.contains("interlaced"))
        let turned = Orientation(a: 0, b: 1, c: -1, d: 0)
        #expect(try refusal { $0.video?.orientation = turned }.contains("turned by 90°"))
        #expect(try refusal { $0.video?.sampleAspect = try #require(Rational(4, 3)) }.contains("4/3"))
        #expect(try refusal { $0.video?.transfer = .pq }.contains("PQ"))
        #expect(try refusal { $0.video?.colour.isFullRange = true }.contains("full range"))
        #expect(try refusal { $0.video?.colour.matrix = 9 }.contains("number 9"))
        #expect(try refusal { $0.video?.colour.primaries = 9 }.contains("primaries are number 9"))
        #expect(try refusal { $0.video?.colour.transfer = 8 }.contains("number 8"))
        #expect(try refusal(copyableFilm(3840, 2160)).contains("3840×2160, and the largest size made is 1920×1080"))
        #expect(try refusal(copyableFilm(1281, 720)).contains("1281×720"))
        let slow = try refusal(copyableFilm(768, 432, rate: 60))
        #expect(slow.contains("432 lines no more than 30"))
    }

    @Test func `pictures that do not come evenly are not copied`() throws {
        let uneven = try refusal { media in
            for index in 0..<600 where index % 60 >= 30 {
                media.coding?.pictures[index].presentation = Int64(index / 60 * 60 + 30)
            }
        }
        #expect(
            uneven.contains("0 of 10 groups of pictures could be copied; 10 have frames that do not come evenly at 30"))
        #expect(try refusal { $0.coding?.pictures = [] }.contains("0 of 0 groups"))
    }

    @Test func `without keyframes that close what was before, at most a segment apart, nothing is copied`() throws {
        let keyless = try refusal { media in
            for index in 0..<600 { media.coding?.pictures[index].isIDR = false }
        }
        #expect(keyless.contains("1 begins without an IDR, first at 0.00 s"))
        #expect(try refusal(copyableFilm(group: 181)).contains("3 last longer than the 6.00 s of a segment"))
        let open = try refusal { media in
            for key in stride(from: 60, to: 600, by: 60) {
                media.coding?.pictures[key - 1].presentation = Int64(key)
                media.coding?.pictures[key].presentation = Int64(key - 1)
            }
        }
        #expect(open.contains("9 are not closed, first at 0.00 s"))
        // At 60 frames per second small sizes show every other frame: keyframes at odd ones are of no use.
        var fast = try copyableFilm(1280, 720, rate: 60, group: 1200, bytes: 4000)
        for key in [301, 361, 661, 961] { fast.coding?.pictures[key].isIDR = true }
        #expect(try refusal(fast).contains("share a segment with another, or begin none"))
    }

    @Test func `the last segment may be as long as the others, and no longer`() throws {
        var media = try copyableFilm(seconds: 16)
        media.coding?.pictures[420].isIDR = false
        #expect(try decision(media).choice == "720p is copied")
        media.coding?.pictures[360].isIDR = false
        media.coding?.pictures[300].isIDR = false
        #expect(try decision(media).choice == "720p is copied but for 2 of 4 segments")
    }

    @Test func `a rate above the table's is not copied, be it of the whole or of a part`() throws {
        #expect(try refusal(copyableFilm(bytes: 20_000)).contains("4804 kb/s, and 4500 kb/s are allowed at 720 lines"))
        let part = try refusal { media in
            for index in 0..<360 { media.coding?.pictures[index].bytes = 24_000 }
        }
        #expect(part.contains("40 % of it could be copied, and half is the least"))
        #expect(part.contains("2 segments take up to 5764 kb/s"))
    }

    @Test func `a plan that copies crosses as text, and with anything out of place does not`() throws {
        var media = try copyableFilm()
        media.coding?.faults[200] = "is damaged"
        let plan = try MediaPlan(for: media)
        #expect(plan.video?.copy?.runs.count == 2)
        #expect(MediaPlan(json: try JSONValue.parse(plan.json.serialized())) == plan)
        let copy = try #require(plan.json["video"]?["copy"]?.object)
        let run = JSONValue.array([1, 1, 0])
        for key in copy.keys {
            for wrong in [.null, .integer(-1), .integer(.max), [1, 1], [run, run], [[1, 1, 1]], [[2, 1, 0]]]
                as [JSONValue]
            {
                var damaged = copy
                damaged[key] = wrong
                var video = try #require(plan.json["video"]?.object)
                video["copy"] = .object(damaged)
                var whole = try #require(plan.json.object)
                whole["video"] = .object(video)
                #expect(MediaPlan(json: .object(whole)) == nil)
            }
        }
    }
}
