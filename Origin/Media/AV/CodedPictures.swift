internal import CFFmpeg
public import CMAF
public import MediaPlan

/// The H.264 pictures of a file as they are coded, to be copied, read one after the other.
public struct CodedPictures {
    /// What the pictures refer to that come next: from the file's header, or, where the stream brings its own, from the last
    /// picture that did. Nil where that is not exactly one set of each kind.
    public private(set) var sets: AVCParameterSets?
    private var lengthBytes: Int
    private var bringsSets = false

    /// nil unless the header holds exactly one set of each kind.
    fileprivate init?(record: [UInt8]) {
        guard let configuration = AVCConfiguration(record: record) else { return nil }
        sets = configuration.sets[0]
        lengthBytes = Self.lengthBytes(record)
    }

    private static func lengthBytes(_ record: [UInt8]) -> Int { Int(record[4] & 3) + 1 }

    /// Goes on in the middle of the film, where `sets` hold.
    public mutating func go(on sets: AVCParameterSets) { self.sets = sets }

    /// The picture in `packet`, which refers to `sets` afterwards.
    public mutating func picture(in packet: Packet) throws(AVCAccessUnit.Obstacle) -> AVCAccessUnit {
        guard packet.packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0, !packet.has(AV_PKT_DATA_ENCRYPTION_INFO) else {
            throw damaged()
        }
        if let record = packet.data(AV_PKT_DATA_NEW_EXTRADATA) { take(record) }
        let picture: AVCAccessUnit
        do {
            picture = try AVCAccessUnit(packet.bytes, lengthBytes: lengthBytes)
        } catch {
            throw error == .broken ? damaged() : error
        }
        try take(picture)
        return picture
    }

    /// Another header, of a file that was joined from several.
    private mutating func take(_ record: [UInt8]) {
        sets = AVCConfiguration(record: record)?.sets[0]
        if record.count > 4 { lengthBytes = Self.lengthBytes(record) }
    }

    private mutating func take(_ picture: AVCAccessUnit) throws(AVCAccessUnit.Obstacle) {
        if !picture.sequenceSets.isEmpty || !picture.pictureSets.isEmpty {
            bringsSets = true
            let sequence = picture.sequenceSets.first ?? sets?.sequence
            let set = picture.pictureSets.first ?? sets?.picture
            let before = sets
            sets = nil
            if picture.sequenceSets.count < 2, picture.pictureSets.count < 2, let sequence, let set {
                sets = AVCParameterSets(sequence: sequence, picture: set)
            }
            guard sets == before || picture.isIDR else { throw .parameterSets }
        }
        guard sets != nil else { throw .parameterSets }
    }

    /// What is damaged may have held the parameter sets of what follows.
    private mutating func damaged() -> AVCAccessUnit.Obstacle {
        if bringsSets { sets = nil }
        return .broken
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

    func has(_ kind: AVPacketSideDataType) -> Bool {
        var size = 0
        return av_packet_get_side_data(packet, kind, &size) != nil
    }

    func data(_ kind: AVPacketSideDataType) -> [UInt8]? {
        var size = 0
        return av_packet_get_side_data(packet, kind, &size).map { [UInt8](UnsafeBufferPointer(start: $0, count: size)) }
    }
}
