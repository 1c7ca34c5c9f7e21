internal import Bytes
internal import Catalog
internal import HTTPWire

extension MultipartUpload.Checksum {
    /// What the head of `CreateMultipartUpload` asks for; nil without an algorithm.
    init?(_ headers: Headers) throws(S3Error) {
        let type = headers.first("x-amz-checksum-type")
        guard let name = headers.first("x-amz-checksum-algorithm") else {
            guard type == nil else {
                throw .invalidRequest("x-amz-checksum-type needs an x-amz-checksum-algorithm.")
            }
            return nil
        }
        let algorithm = try ChecksumAlgorithm.called(name)
        guard let type else {
            self.init(algorithm: algorithm.rawValue, type: algorithm.usualTypeOfWhole)
            return
        }
        guard let known = MultipartUpload.ChecksumType(rawValue: type), algorithm.typesOfWhole.contains(known) else {
            throw .invalidRequest("The \(type) checksum type cannot be used with the \(name) checksum algorithm.")
        }
        self.init(algorithm: algorithm.rawValue, type: known)
    }

    /// The checksum of the whole as it is stored, a composite one with the number of parts; nil when a part has none.
    func ofWhole(_ parts: [UploadPart]) -> String? {
        let values = parts.compactMap { $0.checksums[algorithm].flatMap { Base64.decode($0) } }
        guard values.count == parts.count, let algorithm = ChecksumAlgorithm(rawValue: algorithm) else { return nil }
        switch type {
        case .composite:
            return "\(Base64.encode(algorithm.checksum(of: Array(values.joined()))))-\(parts.count)"
        case .fullObject:
            return algorithm.combined(zip(values, parts.map(\.size))).map { Base64.encode($0) }
        }
    }
}

extension ChecksumAlgorithm {
    fileprivate var typesOfWhole: [MultipartUpload.ChecksumType] {
        switch self {
        case .crc32, .crc32c: [.composite, .fullObject]
        case .crc64nvme: [.fullObject]
        case .sha1, .sha256: [.composite]
        }
    }

    fileprivate var usualTypeOfWhole: MultipartUpload.ChecksumType { typesOfWhole[0] }

    fileprivate func checksum(of bytes: [UInt8]) -> [UInt8] {
        var checksum = StreamingChecksum(self)
        checksum.update(bytes)
        return checksum.finish()
    }

    /// The checksum of the bytes one after the other; nil for a hash, which cannot be combined.
    fileprivate func combined(_ parts: some Sequence<([UInt8], Int64)>) -> [UInt8]? {
        switch self {
        case .crc32: StreamingChecksum.bytes(Self.combined(parts, CRC32.combination))
        case .crc32c: StreamingChecksum.bytes(Self.combined(parts, CRC32C.combination))
        case .crc64nvme: StreamingChecksum.bytes(Self.combined(parts, CRC64NVME.combination))
        case .sha1, .sha256: nil
        }
    }

    private static func combined<Word>(
        _ parts: some Sequence<([UInt8], Int64)>, _ combination: CRCCombination<Word>
    ) -> Word {
        parts.reduce(0) { whole, part in
            let value = part.0.reduce(Word.zero) { $0 << 8 | Word($1) }
            return combination.combine(whole, value, count: UInt64(part.1))
        }
    }
}
