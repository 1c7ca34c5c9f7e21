import TusWire

/// Names are there once, are found, and are few; whatever is read as text is what the bytes say.
func fuzzTusMetadata(_ bytes: UnsafeRawBufferPointer) {
    guard let metadata = try? UploadMetadata(String(decoding: bytes, as: UTF8.self)) else { return }
    let names = metadata.names
    require(names.count <= UploadMetadata.maximumPairs, "more pairs than there may be")
    for name in names {
        require(!name.isEmpty && !name.contains(" ") && !name.contains(","), "a name that is none")
        guard let value = metadata[name] else {
            require(false, "a name without a value")
            continue
        }
        guard let text = try? metadata.text(name) else { continue }
        require(Array(text.utf8) == value, "a text of other bytes")
    }
}

/// What is read is written and read as the same; ids are names and no paths.
func fuzzTusConcatenation(_ bytes: UnsafeRawBufferPointer) {
    let folder = "/api/v1/tus/"
    guard let read = try? UploadConcatenation(String(decoding: bytes, as: UTF8.self), in: folder) else { return }
    require((try? UploadConcatenation(read.text(in: folder), in: folder)) == read, "written and read as another")
    guard case .final(let ids) = read else { return }
    require((1...UploadConcatenation.maximumPartials).contains(ids.count), "none or too many")
    require(Set(ids).count == ids.count, "one twice")
    let isName = ids.allSatisfy { id in
        id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
    }
    require(isName, "an id that is none")
}
