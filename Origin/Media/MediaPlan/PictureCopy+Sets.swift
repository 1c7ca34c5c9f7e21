internal import CMAF

extension PictureCopy {
    /// Which parameter sets of a stream copied pictures may refer to, and by which numbers.
    struct UsedSets {
        /// What is against each of them; nil for nothing.
        let faults: [String?]
        private let numbers: [AVCParameterSets.Numbers?]
        private let sets: [MeasuredCoding.ParameterSets]

        /// Judges `sets` for a track of `colour` at the size of `top`.
        init(_ sets: [MeasuredCoding.ParameterSets], colour: EncodedColour, top: Rung) {
            self.sets = sets
            var numbering = ParameterNumbering()
            var faults: [String?] = []
            var numbers: [AVCParameterSets.Numbers?] = []
            for set in sets {
                let fault = Self.fault(of: set, colour: colour, top: top)
                let isLeft = fault == nil && numbers.count { $0 != nil } < PictureCopy.mostSets
                let own = isLeft ? set.numbers.flatMap { numbering.take($0) } : nil
                faults.append(fault ?? (own == nil ? "no number is left for its parameter sets" : nil))
                numbers.append(own)
            }
            (self.faults, self.numbers) = (faults, numbers)
        }

        /// The sets with these indices, as a plan states them.
        func described(_ indices: [Int]) -> [ParameterSets] {
            indices.compactMap { index in
                numbers[index].map {
                    ParameterSets(sequence: sets[index].sequence, picture: sets[index].picture, numbers: $0)
                }
            }
        }

        /// Why pictures of `set` are not what every player takes; nil if they are.
        private static func fault(
            of set: MeasuredCoding.ParameterSets, colour: EncodedColour, top: Rung
        ) -> String? {
            guard let header = set.header, set.numbers != nil else { return "its parameter sets cannot be read" }
            // Baseline without constraint_set1 may order slices in ways that players do not know.
            let isPlain = [77, 100].contains(header.profile) || header.profile == 66 && header.constraints & 0x40 != 0
            guard isPlain else {
                let profile = header.profile == 66 ? "unconstrained Baseline" : "number \(header.profile)"
                return "its profile is \(profile), not constrained Baseline, Main or High"
            }
            if header.bitDepth != 8 { return "a sample has \(header.bitDepth) bits, not 8" }
            if header.chromaFormat != 1 { return "its chroma format is \(header.chromaFormat), not 4:2:0" }
            if !header.isProgressive { return "it may be coded by fields" }
            if header.level > 52 { return "its level is \(header.level / 10).\(header.level % 10), above 5.2" }
            guard (top.width, top.height) == (header.width, header.height) else {
                return "it is \(header.width)×\(header.height), and the largest size made is \(top.width)×\(top.height)"
            }
            return shownFault(of: header, colour: colour)
        }

        /// Copied or not, all pictures of a size are shown alike.
        private static func shownFault(of header: MeasuredCoding.Header, colour: EncodedColour) -> String? {
            if !header.isSquare { return "its pixels are not square" }
            if header.isFullRange { return "its colours are of full range" }
            guard let stated = header.colour else { return nil }
            let pairs = [
                (stated.primaries, colour.primaries), (stated.transfer, colour.transfer),
                (stated.matrix, colour.matrix),
            ]
            guard pairs.contains(where: { $0.0 != 2 && $0.0 != $0.1 }) else { return nil }
            let numbers = { (codes: [Int]) in codes.map(String.init).joined(separator: "/") }
            return "its colours are \(numbers(pairs.map(\.0))), and those of the film \(numbers(pairs.map(\.1)))"
        }
    }
}
