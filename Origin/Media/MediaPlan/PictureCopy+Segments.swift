extension PictureCopy {
    /// Where segments are cut, and which of them are copied.
    ///
    /// Each is cut at the farthest keyframe within the length of a regular one; where no keyframe is near enough, in equal
    /// parts, which are encoded.
    struct CopiedSegments {
        let timeline: Timeline
        /// Frames at which segments begin.
        let cuts: [Int]
        /// Of each segment.
        private(set) var isCopied: [Bool] = []
        /// The groups of each segment; nil where it is not made of whole ones.
        private var groups: [Range<Int>?] = []
        /// Segments that are not copied for their rate alone, and the highest rate among them.
        private var heavy: (count: Int, rate: Double) = (0, 0)
        /// Bits per second that the whole may take; segments with a full buffer on top.
        private let limit: Int

        /// What the boxes around a frame take, and those around a segment.
        private static let frameBoxBytes = 16
        private static let segmentBoxBytes = 128

        init(_ timeline: Timeline, limit: Int) {
            self.timeline = timeline
            self.limit = limit
            cuts = Self.cuts(of: timeline)
            let starts = timeline.groups.indices.filter { timeline.groups[$0].isCut }
            let groupAt = Dictionary(uniqueKeysWithValues: starts.map { (timeline.groups[$0].frames.lowerBound, $0) })
            for index in cuts.indices {
                let frames = frames(of: index)
                let end = frames.upperBound == timeline.frames ? timeline.groups.count : groupAt[frames.upperBound]
                let whole = groupAt[frames.lowerBound].flatMap { first in end.map { first..<$0 } }
                groups.append(whole)
                let isFaultless = whole?.allSatisfy { timeline.groups[$0].fault == nil } ?? false
                isCopied.append(isFaultless && keepsRate(index))
            }
        }

        /// Share of the film that is copied, 0 to 1.
        var share: Double {
            let copied = cuts.indices.reduce(0) { $0 + (isCopied[$1] ? frames(of: $1).count : 0) }
            return Double(copied) / Double(max(1, timeline.frames))
        }

        private static func cuts(of timeline: Timeline) -> [Int] {
            let limit = timeline.grid.framesPerSegment
            let keys = timeline.groups.filter(\.isCut).map(\.frames.lowerBound) + [timeline.frames]
            var cuts: [Int] = []
            var start = 0
            var next = 0
            while start < timeline.frames {
                while keys[next] <= start { next += 1 }
                while next + 1 < keys.count, keys[next + 1] - start <= limit { next += 1 }
                let parts = (keys[next] - start + limit - 1) / limit
                for part in 0..<parts {
                    let frame = start + ((keys[next] - start) * part + parts - 1) / parts
                    cuts.append(timeline.grid.hasHalfRate ? (frame + 1) / 2 * 2 : frame)
                }
                start = keys[next]
            }
            return cuts
        }

        private func frames(of segment: Int) -> Range<Int> {
            cuts[segment]..<(segment + 1 < cuts.count ? cuts[segment + 1] : timeline.frames)
        }

        private func pictures(of segment: Int) -> Range<Int> {
            guard let groups = groups[segment], let first = groups.first, let last = groups.last else { return 0..<0 }
            return timeline.groups[first].pictures.lowerBound..<timeline.groups[last].pictures.upperBound
        }

        private func bytes(of segment: Int) -> Int {
            timeline.coding.pictures[pictures(of: segment)].reduce(Self.segmentBoxBytes) {
                $0 + Int($1.bytes) + Self.frameBoxBytes
            }
        }

        private func length(of segment: Int) -> Double {
            Double(frames(of: segment).count) / timeline.grid.rate.value
        }

        /// Whether `segment` takes no more than what is allowed with a full buffer.
        private mutating func keepsRate(_ segment: Int) -> Bool {
            let seconds = length(of: segment)
            let rate = Double(bytes(of: segment)) * 8 / seconds
            guard rate > Double(limit) * (seconds + Rung.bufferSeconds) / seconds else { return true }
            heavy = (heavy.count + 1, max(heavy.rate, rate))
            return false
        }

        /// Bits per second of the copied segment that takes most, and of all that are copied.
        func rates(lines: Int) throws(CopyObstacle) -> (peak: Int, average: Int) {
            let copied = cuts.indices.filter { isCopied[$0] }
            let bits = copied.map { Double(bytes(of: $0)) * 8 }
            let lengths = copied.map(length)
            let peak = zip(bits, lengths).map { $0 / $1 }.max() ?? 0
            let average = bits.reduce(0, +) / lengths.reduce(0, +)
            guard average <= Double(limit) else {
                throw CopyObstacle(
                    "it takes \(Int(average / 1000)) kb/s, and \(limit / 1000) kb/s are allowed at \(lines) lines")
            }
            return (Int(peak.rounded(.up)), Int(average.rounded(.up)))
        }

        /// Frames by which presentation follows decoding at most in what is copied.
        func reorderFrames() throws(CopyObstacle) -> Int {
            var most = 0
            for segment in cuts.indices where isCopied[segment] {
                for (offset, picture) in pictures(of: segment).enumerated() {
                    most = max(most, cuts[segment] + offset - timeline.places[picture])
                }
            }
            guard most <= 16 else { throw CopyObstacle("pictures come \(most) frames later than they are shown") }
            return most
        }

        /// The runs of copied segments, and the parameter sets that they refer to.
        func runs(_ used: UsedSets) -> (sets: [ParameterSets], runs: [Run]) {
            var order: [Int] = []
            var runs: [Run] = []
            for segment in cuts.indices where isCopied[segment] {
                for group in groups[segment] ?? 0..<0 where !order.contains(timeline.groups[group].sets) {
                    order.append(timeline.groups[group].sets)
                }
                if let last = runs.last, last.segments.upperBound == segment {
                    runs[runs.count - 1].segments = last.segments.lowerBound...segment + 1
                } else {
                    let first = groups[segment]?.first.map { timeline.groups[$0].sets } ?? 0
                    runs.append(Run(segments: segment + 1...segment + 1, sets: order.firstIndex(of: first) ?? 0))
                }
            }
            return (used.described(order), runs)
        }
    }
}

extension PictureCopy.CopiedSegments {
    /// How many groups `are`, or could be, copied, and what is against the others.
    func words(_ are: String) -> String {
        let copied = groups.indices.filter { isCopied[$0] }.reduce(0) { $0 + (groups[$1]?.count ?? 0) }
        let all = timeline.groups
        var parts = ["\(copied) of \(all.count) groups of pictures \(are) copied"]
        var kinds: [(fault: PictureCopy.Fault, count: Int, first: Int)] = []
        for group in all {
            guard let fault = group.fault else { continue }
            if let known = kinds.firstIndex(where: { $0.fault == fault }) {
                kinds[known].count += 1
            } else {
                kinds.append((fault, 1, group.frames.lowerBound))
            }
        }
        parts += kinds.prefix(Self.mostReasons).map { kind in
            "\(kind.count)\(words(kind.fault, isOne: kind.count == 1)), first at \(seconds(kind.first)) s"
        }
        if heavy.count > 0 {
            parts.append(
                "\(heavy.count) segment\(heavy.count == 1 ? " takes" : "s take") up to \(Int(heavy.rate / 1000)) kb/s")
        }
        let besides = all.count { $0.fault == nil } - copied
        if besides > 0 { parts.append("\(besides) would do, but share a segment with another, or begin none") }
        return parts.joined(separator: "; ")
    }

    /// Reasons that are named; a damaged film has any number.
    private static var mostReasons: Int { 6 }

    private func words(_ fault: PictureCopy.Fault, isOne: Bool) -> String {
        let limit = seconds(timeline.grid.framesPerSegment)
        return switch fault {
        case .keyless: " begins without an IDR"
        case .open: isOne ? " is not closed" : " are not closed"
        case .uneven: " \(isOne ? "has" : "have") frames that do not come evenly at \(timeline.grid.rate) a second"
        case .long: " \(isOne ? "lasts" : "last") longer than the \(limit) s of a segment before the next IDR"
        case .other(let reason): ": \(reason)"
        }
    }

    private func seconds(_ frames: Int) -> String {
        let hundredths = Int((Double(frames) / timeline.grid.rate.value * 100).rounded())
        let digits = hundredths % 100
        return "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
    }
}
