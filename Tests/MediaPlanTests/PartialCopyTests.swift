import CMAF
import JSON
import MediaPlan
import Testing

/// Films of which parts are copied.
@Suite struct PartialCopyTests {
    private func decision(_ plan: MediaPlan) throws -> MediaPlan.Decision {
        try #require(plan.decisions.first { $0.subject == "passthrough" })
    }

    @Test func `segments are copied whose groups all comply, and the decision says how many and why not all`() throws {
        var media = try copyableFilm(seconds: 60)
        media.coding?.faults[700] = "is damaged"
        media.coding?.pictures[1199].presentation = 1200
        media.coding?.pictures[1200].presentation = 1199
        let plan = try MediaPlan(for: media)
        let copy = try #require(plan.video?.copy)
        // The IDR at 40 s is no place to cut at: the segment before it ends 2 s earlier, and the next one holds it.
        #expect(plan.grid.cuts == [0, 180, 360, 540, 720, 900, 1080, 1260, 1440, 1620])
        #expect(copy.runs.map(\.segments) == [1...3, 5...6, 8...10])
        #expect(copy.encodedRuns(of: 10) == [4...4, 7...7])
        #expect(copy.share(of: 1800, grid: plan.grid) == 0.8)
        let decision = try decision(plan)
        #expect(decision.choice == "720p is copied but for 2 of 10 segments")
        #expect(decision.reason.hasPrefix("24 of 30 groups of pictures are copied; "))
        #expect(decision.reason.contains("1: its picture 701 is damaged, first at 22.00 s"))
        #expect(decision.reason.contains("1 is not closed, first at 38.00 s"))
        let top = try #require(plan.explanation(of: media)["renditions"]?.array?.last)
        #expect(top["copied"]?.bool == false)
        #expect(top["copiedShare"]?.number == 0.8)
        #expect(top["constantRateFactor"]?.number == 22)
    }

    @Test func `where no keyframe is near enough, segments are equal parts and encoded`() throws {
        var media = try copyableFilm(seconds: 60)
        for key in stride(from: 660, through: 1020, by: 60) { media.coding?.pictures[key].isIDR = false }
        let plan = try MediaPlan(for: media)
        #expect(plan.grid.cuts == [0, 180, 360, 540, 600, 760, 920, 1080, 1260, 1440, 1620])
        #expect(plan.video?.copy?.runs.map(\.segments) == [1...4, 8...11])
        #expect(
            try decision(plan).reason.contains(
                "1 lasts longer than the 6.00 s of a segment before the next IDR, first at 20.00 s"))
    }

    @Test func `pictures that are missing cost their own segment alone`() throws {
        var media = try copyableFilm(seconds: 60)
        media.pictures?.times.remove(at: 1000)
        media.coding?.pictures.remove(at: 1000)
        let plan = try MediaPlan(for: media)
        #expect(plan.frames == 1800)
        #expect(plan.video?.copy?.runs.map(\.segments) == [1...5, 7...10])
        #expect(plan.video?.copy?.reorderFrames == 0)
    }

    @Test func `a film that begins in the middle of a group is copied from the next one on`() throws {
        var media = try copyableFilm(seconds: 60)
        media.coding?.pictures[0].isIDR = false
        let plan = try MediaPlan(for: media)
        #expect(plan.video?.copy?.runs.map(\.segments) == [2...10])
        #expect(try decision(plan).reason.contains("1 begins without an IDR, first at 0.00 s"))
    }

    @Test func `less than half is not worth it`() throws {
        var media = try copyableFilm(seconds: 60)
        for segment in 0..<5 { media.coding?.faults[segment * 180] = "is damaged" }
        #expect(try MediaPlan(for: media).video?.copy?.runs.map(\.segments) == [6...10])
        media.coding?.faults[900] = "is damaged"
        let plan = try MediaPlan(for: media)
        #expect(plan.video?.copy == nil && plan.grid.cuts == nil)
        #expect(try decision(plan).reason.hasPrefix("40 % of it could be copied, and half is the least; "))
    }

    @Test func `parts joined from several films keep their parameter sets under numbers of their own`() throws {
        var media = try copyableFilm(seconds: 60)
        media.coding?.sets += [
            parameterSets(mark: 1), parameterSets(mark: 2, numbers: AVCParameterSets.Numbers(sequence: 4, picture: 9)),
            parameterSets(mark: 3),
        ]
        for index in 600..<1800 { media.coding?.pictures[index].sets = UInt8(index / 600) }
        for index in 1500..<1800 { media.coding?.pictures[index].sets = 3 }
        let copy = try #require(try MediaPlan(for: media).video?.copy)
        #expect(copy.sets.map(\.picture) == [[0x68, 0], [0x68, 1], [0x68, 2], [0x68, 3]])
        #expect(
            copy.sets.map(\.numbers) == [
                .init(sequence: 0, picture: 0), .init(sequence: 31, picture: 15), .init(sequence: 4, picture: 9),
                .init(sequence: 30, picture: 16),
            ])
        #expect(copy.runs == [.init(segments: 1...10, sets: 0)])
        #expect(copy.encodedNumber == 1)
    }

    @Test func `a run names the parameter sets that it begins with`() throws {
        var media = try copyableFilm(seconds: 60)
        media.coding?.sets.append(parameterSets(mark: 1))
        for index in 900..<1800 { media.coding?.pictures[index].sets = 1 }
        media.coding?.faults[800] = "is damaged"
        let copy = try #require(try MediaPlan(for: media).video?.copy)
        #expect(copy.runs == [.init(segments: 1...4, sets: 0), .init(segments: 6...10, sets: 1)])
    }

    @Test func `parameter sets that no player need take, or that show other colours, are encoded`() throws {
        let changes: [(String, (inout MeasuredCoding.ParameterSets) -> Void)] = [
            ("number 110", { $0.header?.profile = 110 }),
            ("640×720", { $0.header?.width = 640 }),
            ("not square", { $0.header?.isSquare = false }), ("full range", { $0.header?.isFullRange = true }),
            ("cannot be read", { $0.header = nil }), ("cannot be read", { $0.numbers = nil }),
            (
                "its colours are 6/1/6, and those of the film 1/1/1",
                { $0.header?.colour = EncodedColour(primaries: 6, transfer: 1, matrix: 6) }
            ),
        ]
        for (reason, change) in changes {
            var media = try copyableFilm(seconds: 60)
            var other = parameterSets(mark: 1)
            change(&other)
            media.coding?.sets.append(other)
            for index in 0..<540 { media.coding?.pictures[index].sets = 1 }
            let plan = try MediaPlan(for: media)
            #expect(plan.video?.copy?.runs == [.init(segments: 4...10, sets: 0)])
            #expect(try decision(plan).reason.contains(reason))
        }
        var media = try copyableFilm(seconds: 60)
        var unstated = parameterSets(mark: 1)
        unstated.header?.colour = EncodedColour(primaries: 1, transfer: 2, matrix: 1)
        media.coding?.sets.append(unstated)
        for index in 0..<540 { media.coding?.pictures[index].sets = 1 }
        #expect(try decision(MediaPlan(for: media)).choice == "720p is copied")
    }

    @Test func `no more parameter sets are copied than a header is given`() throws {
        var media = try copyableFilm(seconds: 60)
        for mark in 1...20 { media.coding?.sets.append(parameterSets(mark: UInt8(mark))) }
        for index in 0..<1800 { media.coding?.pictures[index].sets = UInt8(index / 90) }
        for index in stride(from: 0, to: 1800, by: 90) { media.coding?.pictures[index].isIDR = true }
        let plan = try MediaPlan(for: media)
        let copy = try #require(plan.video?.copy)
        #expect(copy.sets.count == 12)
        #expect(Set(copy.sets.map(\.numbers.sequence)).count == 12 && Set(copy.sets.map(\.numbers.picture)).count == 12)
        #expect(try decision(plan).reason.contains("no number is left for its parameter sets"))
    }

    @Test func `the top's spans are the copied runs, and encoded ones of no more than half a minute between`() throws {
        var media = try copyableFilm(seconds: 120)
        media.pictures?.keys = stride(from: 0, to: 3600, by: 60).map { .init(presentation: $0, decoding: $0) }
        for segment in 4...10 { media.coding?.faults[segment * 180] = "is damaged" }
        let plan = try MediaPlan(for: media)
        let spans = plan.topSpans(of: media)
        #expect(spans.map(\.segments) == [1...4, 5...9, 10...11, 12...20])
        #expect(spans.map(\.frames.lowerBound) == [0, 720, 1620, 1980])
        #expect(spans.map { $0.key?.presentation } == [nil, 720, 1620, 1980])
        let video = try #require(plan.video)
        #expect(video.isEncoded(4, in: 5...9) && !video.isEncoded(4, in: 4...5) && video.isEncoded(0, in: 1...20))
        #expect(!video.isEncoded(5, in: 5...9))
    }
}
