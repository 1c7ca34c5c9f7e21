extension PictureCopy {
    /// Coded pictures on the grid, in decoding order.
    struct Timeline {
        let coding: MeasuredCoding
        /// The frame that each of them is shown as.
        let places: [Int]
        /// The grid that segments would have if no keyframes dictated it.
        let grid: FrameGrid

        /// What the boxes around a frame take, and those around a segment.
        private static let frameBoxBytes = 16
        private static let segmentBoxBytes = 128

        /// Frames by which presentation follows decoding at most.
        func reorderFrames() throws(Obstacle) -> Int {
            var most = 0
            for (index, place) in places.enumerated() { most = max(most, index - place) }
            guard most <= 16 else { throw Obstacle("pictures come \(most) frames later than they are shown") }
            return most
        }

        /// Keyframes at which segments begin: as far apart as a regular segment is long, or nearer.
        func cuts() throws(Obstacle) -> [Int] {
            guard coding.pictures.first?.isIDR == true, places.first == 0 else {
                throw Obstacle("its first picture is no IDR")
            }
            // Small sizes at half the rate begin at even frames alone.
            let step = grid.hasHalfRate ? 2 : 1
            var cuts = [0]
            var last = 0
            var latest = -1
            for (index, picture) in coding.pictures.enumerated() {
                defer { latest = max(latest, places[index]) }
                guard picture.isIDR else { continue }
                guard places[index] == index, latest < index else {
                    throw Obstacle("the group before the IDR at \(seconds(index)) s is not closed")
                }
                guard index.isMultiple(of: step) else { continue }
                try extend(&cuts, from: last, to: index)
                last = index
            }
            try extend(&cuts, from: last, to: places.count)
            return cuts
        }

        /// Cuts at `key` if the next place to cut, `next`, is too far from the cut before.
        private func extend(_ cuts: inout [Int], from key: Int, to next: Int) throws(Obstacle) {
            let limit = grid.framesPerSegment
            guard next - cuts[cuts.count - 1] > limit else { return }
            guard next - key <= limit else {
                throw Obstacle(
                    "\(seconds(next - key)) s pass from the IDR at \(seconds(key)) s to the next, "
                        + "and a segment may last \(seconds(limit)) s")
            }
            cuts.append(key)
        }

        /// Bits per second of the segments, none of which may take more than `limit` allows with a full buffer.
        func rates(of cuts: [Int], limit: Int, top: Rung) throws(Obstacle) -> (peak: Int, average: Int) {
            var peak = 0.0
            var total = 0
            for (index, cut) in cuts.enumerated() {
                let end = index + 1 < cuts.count ? cuts[index + 1] : places.count
                let bytes = coding.pictures[cut..<end].reduce(Self.segmentBoxBytes) {
                    $0 + Int($1.bytes) + Self.frameBoxBytes
                }
                total += bytes
                let duration = Double(end - cut) / grid.rate.value
                let rate = Double(bytes) * 8 / duration
                peak = max(peak, rate)
                let allowed = Double(limit) * (duration + Rung.bufferSeconds) / duration
                guard rate <= allowed else {
                    throw Obstacle(
                        "the \(seconds(end - cut)) s from \(seconds(cut)) s on take \(Self.kilobits(rate)), and "
                            + "\(Self.kilobits(allowed)) are allowed at \(min(top.width, top.height)) lines")
                }
            }
            let average = Double(total) * 8 * grid.rate.value / Double(max(1, places.count))
            guard average <= Double(limit) else {
                throw Obstacle(
                    "it takes \(Self.kilobits(average)), and \(Self.kilobits(Double(limit))) are allowed at "
                        + "\(min(top.width, top.height)) lines")
            }
            return (Int(peak.rounded(.up)), Int(average.rounded(.up)))
        }

        private func seconds(_ frames: Int) -> String {
            let hundredths = Int((Double(frames) / grid.rate.value * 100).rounded())
            let digits = hundredths % 100
            return "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
        }

        private static func kilobits(_ bitsPerSecond: Double) -> String { "\(Int(bitsPerSecond / 1000)) kb/s" }
    }
}
