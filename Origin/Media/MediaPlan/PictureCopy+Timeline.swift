extension PictureCopy {
    /// What keeps a group of pictures from being copied.
    enum Fault: Hashable {
        /// It does not begin with an IDR.
        case keyless
        /// Pictures of it are shown before it begins, or after the next has begun.
        case open
        /// Not every frame of the grid has exactly one of its pictures.
        case uneven
        /// It does not fit into a segment.
        case long
        /// About its parameter sets, or one of its pictures.
        case other(String)
    }

    /// An IDR and what follows it up to the next one.
    struct Group {
        let pictures: Range<Int>
        /// Frames of the output until the next group begins.
        let frames: Range<Int>
        /// Whether everything coded before is shown before and everything else later, at a frame that a segment may begin at.
        let isCut: Bool
        let fault: Fault?
        let sets: Int
    }

    /// Coded pictures on the grid, in decoding order.
    struct Timeline {
        let coding: MeasuredCoding
        /// The grid that segments would have if no keyframes dictated it.
        let grid: FrameGrid
        /// Frames of the output.
        let frames: Int
        /// The frame that each picture is shown as.
        let places: [Int]
        let groups: [Group]

        init(coding: MeasuredCoding, pictures: MeasuredPictures, grid: FrameGrid, origin: Int64, sets: UsedSets) {
            self.coding = coding
            self.grid = grid
            frames = grid.outputFrames(of: pictures, origin: origin)
            places = coding.pictures.map { grid.place(of: $0.presentation, unit: pictures.unit, origin: origin) }
            groups = Self.groups(of: coding, at: places, grid: grid, frames: frames, sets: sets)
        }

        private static func groups(
            of coding: MeasuredCoding, at places: [Int], grid: FrameGrid, frames: Int, sets: UsedSets
        ) -> [Group] {
            var starts = coding.pictures.indices.filter { coding.pictures[$0].isIDR }
            if starts.first != 0, !coding.pictures.isEmpty { starts.insert(0, at: 0) }
            let cuts = cuts(among: starts, places: places, grid: grid, frames: frames)
            return starts.indices.map { index in
                let isLast = index + 1 == starts.count
                let pictures = starts[index]..<(isLast ? places.count : starts[index + 1])
                let first = places[pictures.lowerBound]
                let shown = first..<max(first, isLast ? frames : places[pictures.upperBound])
                return Group(
                    pictures: pictures, frames: shown, isCut: cuts.contains(pictures.lowerBound),
                    fault: fault(of: pictures, coding, shown, places, sets)
                        ?? (shown.count > grid.framesPerSegment ? .long : nil),
                    sets: Int(coding.pictures[pictures.lowerBound].sets))
            }
        }

        /// Those of `starts` at which everything before is shown before and everything else later.
        private static func cuts(among starts: [Int], places: [Int], grid: FrameGrid, frames: Int) -> Set<Int> {
            // Small sizes at half the rate begin at even frames alone.
            let step = grid.hasHalfRate ? 2 : 1
            var earliest = places
            for index in places.indices.dropLast().reversed() {
                earliest[index] = min(earliest[index], earliest[index + 1])
            }
            var cuts: Set<Int> = []
            var latest = -1
            var next = 0
            for start in starts {
                while next < start {
                    latest = max(latest, places[next])
                    next += 1
                }
                let place = places[start]
                let isClean = latest < place && earliest[start] == place
                if isClean, place < frames, place.isMultiple(of: step) { cuts.insert(start) }
            }
            return cuts
        }

        private static func fault(
            of pictures: Range<Int>, _ coding: MeasuredCoding, _ frames: Range<Int>, _ places: [Int], _ sets: UsedSets
        ) -> Fault? {
            guard coding.pictures[pictures.lowerBound].isIDR else { return .keyless }
            if !coding.faults.isEmpty, let faulty = pictures.first(where: { coding.faults[$0] != nil }) {
                return .other("its picture \(faulty + 1) \(coding.faults[faulty] ?? "")")
            }
            if let fault = sets.faults[Int(coding.pictures[pictures.lowerBound].sets)] { return .other(fault) }
            guard places[pictures].allSatisfy(frames.contains) else { return .open }
            return pictures.count == frames.count && Set(places[pictures]).count == frames.count ? nil : .uneven
        }
    }
}
