internal import CFFmpeg
public import CMAF
public import MediaPlan

/// The H.264 pictures of a file as they are coded, to be copied.
public struct CodedPictures {
    /// Parameter sets from the file's header.
    public let configuration: AVCConfiguration
    private let lengthBytes: Int

    /// nil unless the header holds exactly one set of each kind.
    fileprivate init?(record: [UInt8]) {
        guard let configuration = AVCConfiguration(record: record) else { return nil }
        self.configuration = configuration
        lengthBytes = Int(record[4] & 3) + 1
    }

    /// The picture in `packet`.
    public func picture(in packet: Packet) throws(AVCAccessUnit.Obstacle) -> AVCAccessUnit {
        guard packet.packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0, !packet.has(AV_PKT_DATA_ENCRYPTION_INFO) else {
            throw .broken
        }
        guard !packet.has(AV_PKT_DATA_NEW_EXTRADATA) else { throw .parameterSets }
        return try AVCAccessUnit(packet.bytes, lengthBytes: lengthBytes, configuration: configuration)
    }

    /// What the sequence parameter set says; nil when it cannot be read.
    var header: MeasuredCoding.Header? {
        configuration.sequence.map { sequence in
            MeasuredCoding.Header(
                profile: sequence.profile, constraints: sequence.constraints, level: sequence.level,
                width: sequence.width, height: sequence.height, bitDepth: sequence.bitDepth,
                chromaFormat: sequence.chromaFormat, isProgressive: sequence.isProgressive)
        }
    }
}

extension MediaSource {
    /// The coded pictures of stream `index`; nil unless they are H.264 with one parameter set of each kind in the file's
    /// header.
    public func codedPictures(of index: Int) -> CodedPictures? {
        avcRecord(of: index).flatMap(CodedPictures.init(record:))
    }

    /// Seconds per unit of the times of stream `index`; nil when there is no such stream.
    public func unit(of index: Int) -> Rational? {
        stream(index).flatMap { Rational(Int($0.pointee.time_base.num), Int($0.pointee.time_base.den)) }
    }

    /// The `avcC` payload of stream `index`; nil for other codecs, and where parameter sets are in the stream alone.
    func avcRecord(of index: Int) -> [UInt8]? {
        guard let parameters = stream(index)?.pointee.codecpar, parameters.pointee.codec_id == AV_CODEC_ID_H264,
            let data = parameters.pointee.extradata
        else { return nil }
        let record = [UInt8](UnsafeBufferPointer(start: data, count: Int(max(0, parameters.pointee.extradata_size))))
        return record.count > 6 && record[0] == 1 ? record : nil
    }
}

extension Packet {
    /// When it is shown or heard, in its stream's units on the file's own clock; nil when it does not say.
    public var presentation: Int64? {
        packet.pointee.pts == weir_no_timestamp() ? nil : packet.pointee.pts
    }

    fileprivate func has(_ kind: AVPacketSideDataType) -> Bool {
        var size = 0
        return av_packet_get_side_data(packet, kind, &size) != nil
    }
}

/// Measures how the pictures of a stream are coded, up to the first thing that keeps them from being copied.
struct CodingScan {
    private let pictures: CodedPictures?
    private(set) var coding: MeasuredCoding

    /// nil where `source` has no parameter sets for stream `index`.
    init?(_ source: MediaSource, index: Int) {
        guard source.avcRecord(of: index) != nil else { return nil }
        pictures = source.codedPictures(of: index)
        coding = MeasuredCoding(header: pictures?.header)
    }

    mutating func add(_ packet: Packet) {
        guard let pictures, coding.header != nil, coding.obstacle == nil else { return }
        do {
            let picture = try pictures.picture(in: packet)
            guard let presentation = packet.presentation else { return stop("does not say when it is shown") }
            coding.pictures.append(
                .init(presentation: presentation, bytes: Int32(clamping: picture.sample.count), isIDR: picture.isIDR))
        } catch {
            stop(error.words)
        }
    }

    private mutating func stop(_ what: String) {
        coding.obstacle = "its picture \(coding.pictures.count + 1) \(what)"
        coding.pictures = []
    }
}
