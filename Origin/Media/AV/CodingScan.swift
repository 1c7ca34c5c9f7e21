internal import CFFmpeg
internal import CMAF
internal import MediaPlan

/// Measures how the pictures of a stream are coded, and what keeps single ones from being copied.
struct CodingScan {
    private var pictures: CodedPictures?
    private var known: [AVCParameterSets] = []
    private(set) var coding = MeasuredCoding(sets: [])

    /// No film was joined from more parts that all differ.
    private static let mostSets = 64

    /// nil where `source` has no parameter sets for stream `index`.
    init?(_ source: MediaSource, index: Int) {
        guard source.avcRecord(of: index) != nil else { return nil }
        pictures = source.codedPictures(of: index)
        if let sets = pictures?.sets { _ = number(of: sets) }
    }

    mutating func add(_ packet: Packet) {
        guard pictures != nil, coding.faults.count < MeasuredCoding.mostFaults else { return }
        var picture = MeasuredCoding.Picture(presentation: packet.presentation ?? 0, bytes: 0, isIDR: false)
        do {
            try measure(packet, into: &picture)
            if packet.presentation == nil { fault("does not say when it is shown") }
            if packet.packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { fault("is left out by an edit") }
        } catch {
            fault(error.words)
        }
        coding.pictures.append(picture)
    }

    private mutating func measure(
        _ packet: Packet, into picture: inout MeasuredCoding.Picture
    ) throws(AVCAccessUnit.Obstacle) {
        guard let coded = try pictures?.picture(in: packet), let sets = pictures?.sets, let number = number(of: sets)
        else { throw .parameterSets }
        let sample = try coded.sample(referringTo: number.picture, as: number.picture)
        picture.bytes = Int32(clamping: sample.count)
        picture.isIDR = coded.isIDR
        picture.sets = number.index
    }

    /// Place of `sets` among those that were met, and the number that pictures refer to them by; nil where there are too many.
    private mutating func number(of sets: AVCParameterSets) -> (index: UInt8, picture: Int)? {
        guard let numbers = sets.numbers else { return nil }
        // Those of the picture before, mostly.
        if let index = known.lastIndex(of: sets) { return (UInt8(index), numbers.picture) }
        guard known.count < Self.mostSets else { return nil }
        known.append(sets)
        coding.sets.append(
            .init(
                sequence: sets.sequence, picture: sets.picture, numbers: numbers,
                header: sets.sequenceFields.map(MeasuredCoding.Header.init)))
        return (UInt8(known.count - 1), numbers.picture)
    }

    private mutating func fault(_ what: String) { coding.faults[coding.pictures.count] = what }
}

extension MeasuredCoding.Header {
    fileprivate init(_ sequence: AVCSequence) {
        let aspect = sequence.pixelAspect
        self.init(
            profile: sequence.profile, constraints: sequence.constraints, level: sequence.level,
            width: sequence.width, height: sequence.height, bitDepth: sequence.bitDepth,
            chromaFormat: sequence.chromaFormat, isProgressive: sequence.isProgressive,
            isSquare: aspect.map { $0.horizontal == $0.vertical } ?? true, isFullRange: sequence.isFullRange,
            colour: sequence.colour.map {
                EncodedColour(primaries: $0.primaries, transfer: $0.transfer, matrix: $0.matrix)
            })
    }
}
