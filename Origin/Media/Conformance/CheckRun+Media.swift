import CMAF
import Playlist

extension CheckRun {
    /// Fetches a media playlist that a multivariant one lists, and measures it.
    mutating func measure(_ child: ListedPresentation.Child) async -> MeasuredPlaylist? {
        switch await fetch(.init(address: child.address, kind: .playlist)) {
        case .failure(let failure):
            findings.add(
                .availability, at: child.place, measured: failure.description,
                "The playlist \(name(of: child.address)) could not be fetched: \(failure).")
            return nil
        case .success(let resource):
            DeliveryRules.check(playlist: resource, at: Finding.Place(name(of: child.address)), &findings)
            return await measure(
                resource, at: child.address, base: resource.address ?? child.address, role: child.role)
        }
    }

    /// Measures the segments of a media playlist.
    mutating func measure(
        _ resource: Resource, at address: String, base: String, role: RenditionFacts.Role
    ) async -> MeasuredPlaylist {
        report.extent.playlists += 1
        let name = name(of: address)
        let reading = MediaPlaylist.reading(resource.content)
        note(reading.problems, in: name)
        noteVariables(resource.content, in: name)
        var measured = MeasuredPlaylist(
            name: name, role: role, playlist: reading.playlist, lines: reading.lines.segments)
        var walk = SegmentWalk(base: base)
        let limit = min(check.options.segmentsPerPlaylist ?? Self.mostSegments, Self.mostSegments)
        let total = reading.playlist.segments.count
        let segments = reading.playlist.segments.prefix(limit)
        await withTaskGroup(of: SegmentReadAhead.Arrival.self) { group in
            var arrivals = SegmentReadAhead(segments, base: base, fetch: check.fetch)
            for (index, segment) in segments.enumerated() where !Task.isCancelled {
                let step = await arrivals.next(&group)
                await measure(segment, step, at: index, of: &measured, &walk)
                check.progressed?(
                    .init(
                        playlist: name, segments: report.extent.segments,
                        knownSegments: report.extent.segments + segments.count - index - 1, bytes: report.extent.bytes))
            }
            group.cancelAll()
        }
        if total > limit {
            report.extent.skippedSegments += total - limit
            findings.add(
                .notMeasured, at: Finding.Place(name), measured: "\(limit) of \(total)",
                "Only the first \(limit) of \(total) segments were measured; rates are compared upwards only.")
        }
        walk.finish(&measured, isWhole: measured.isEnded && total <= limit)
        measured.isComplete = measured.segments.count == total && total > 0
        return measured
    }

    private mutating func measure(
        _ segment: MediaPlaylist.Segment, _ step: SegmentReadAhead.Step, at index: Int,
        of measured: inout MeasuredPlaylist, _ walk: inout SegmentWalk
    ) async {
        let place = measured.place(segment: index + 1)
        if segment.isDiscontinuity { walk.isFresh = true }
        let answer: Result<Resource, ResourceFailure>
        switch step {
        case .answer(let arrived): answer = arrived
        case .unknownRange:
            findings.addRepeated(
                .byteRange, at: place, "A byte range has no offset and does not follow one of the same resource.")
            return
        case .gap:
            walk.isFresh = true
            return
        }
        let number = measured.playlist.mediaSequence &+ index
        if segment.map != walk.map { await begin(segment, number: number, at: place, &walk) }
        switch answer {
        case .failure(let failure):
            let name = name(of: ResourceAddress.resolve(segment.uri, against: walk.base))
            findings.addRepeated(
                .availability, aspect: "segment", at: place, measured: failure.description,
                "The segment \(name) could not be fetched: \(failure).")
            walk.isFresh = true
        case .success(let resource):
            report.extent.bytes += resource.content.count
            var measure = SegmentMeasure(
                number: index + 1, bytes: resource.content.count, statedMicroseconds: segment.durationMicroseconds,
                isDiscontinuity: segment.isDiscontinuity)
            report.extent.segments += 1
            if let clear = await decrypted(resource.content, segment.keys, number: number, at: place, base: walk.base) {
                walk.measure(clear, at: place, of: &measured, into: &measure, &findings)
            }
            DeliveryRules.check(segment: resource, container: measured.container, at: place, &findings)
            measured.segments.append(measure)
        }
    }

    // MARK: Initialisation sections and keys

    /// Reads the initialisation section that holds from here on.
    private mutating func begin(
        _ segment: MediaPlaylist.Segment, number: Int, at place: Finding.Place, _ walk: inout SegmentWalk
    ) async {
        walk.map = segment.map
        guard let map = segment.map else { return }
        walk.dropHeader()
        let address = ResourceAddress.resolve(map.uri, against: walk.base)
        let range = map.byteRange.map { ($0.offset ?? 0)..<($0.offset ?? 0) + $0.length }
        let name = name(of: address)
        switch await fetch(.init(address: address, range: range, kind: .initialization)) {
        case .failure(let failure):
            findings.addRepeated(
                .availability, aspect: "map", at: place, measured: failure.description,
                "The initialisation section \(name) could not be fetched: \(failure).")
        case .success(let resource):
            DeliveryRules.check(initialization: resource, at: place, &findings)
            if map.keys.contains(where: { $0.method == .aes128 && $0.initializationVector == nil }) {
                findings.addRepeated(
                    .encryptedMap, at: place, "EXT-X-KEY with METHOD=AES-128 holds for an EXT-X-MAP and has no IV.")
            }
            let clear = await decrypted(resource.content, map.keys, number: number, at: place, base: walk.base)
            if let clear { walk.begin(clear, at: place, &findings) }
        }
    }

    /// The bytes in the clear; nil when they cannot be had, which is noted.
    private mutating func decrypted(
        _ bytes: [UInt8], _ keys: [MediaPlaylist.Key], number: Int, at place: Finding.Place, base: String
    ) async -> [UInt8]? {
        if keys.contains(where: { $0.method == .sampleAESCTR }) {
            findings.addRepeated(
                .counterMode, at: place, stated: "SAMPLE-AES-CTR", "Apple's devices do not play this encryption.")
        }
        // Samples alone are encrypted: boxes, headers and times stay readable.
        guard let key = keys.first(where: { $0.method != .sampleAES && $0.method != .sampleAESCTR }) else {
            return bytes
        }
        guard key.method == .aes128, (key.format ?? "identity") == "identity", let decrypt = check.decrypt else {
            return noteUnmeasured(key.method.rawValue, at: place, "this check does not decrypt that")
        }
        let address = ResourceAddress.resolve(key.uri, against: base)
        if self.keys[address] == nil, self.keys.count < 4_096 {
            if case .success(let resource) = await fetch(.init(address: address, range: nil, kind: .key)) {
                self.keys[address] = resource.content
            } else {
                self.keys[address] = []
            }
        }
        guard let secret = self.keys[address], !secret.isEmpty else {
            return noteUnmeasured(key.method.rawValue, at: place, "no key was served")
        }
        guard secret.count == 16 else {
            let name = name(of: address)
            findings.addRepeated(
                .encryption, aspect: "key", at: place, stated: key.method.rawValue, measured: "\(secret.count) bytes",
                "The key \(name) has \(secret.count) bytes instead of 16: nothing was measured with it.")
            return nil
        }
        let clear = decrypt(bytes, secret, Self.vector(key, number: number))
        guard let clear, SegmentMeter.container(of: clear) != nil else {
            let wrong = clear == nil ? "no padding is at its end" : "its beginning is in no form that HLS knows"
            findings.addRepeated(
                .encryption, aspect: "bytes", at: place, stated: key.method.rawValue,
                "Decrypted with its key and vector, \(wrong): one of them is wrong, and nothing was measured.")
            return nil
        }
        return clear
    }

    private mutating func noteUnmeasured(_ method: String, at place: Finding.Place, _ reason: String) -> [UInt8]? {
        findings.addRepeated(
            .notMeasured, aspect: "encrypted", at: place, stated: method,
            "Segments are encrypted and \(reason): only their sizes were measured.")
        return nil
    }

    /// IV, or the segment's number in 16 bytes (RFC 8216 §5.2).
    private static func vector(_ key: MediaPlaylist.Key, number: Int) -> [UInt8] {
        var vector = [UInt8](repeating: 0, count: 16)
        guard let text = key.initializationVector?.dropFirst(2) else {
            for index in 0..<8 { vector[15 - index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
            return vector
        }
        for (index, digit) in text.reversed().enumerated().prefix(32) {
            vector[15 - index / 2] |= UInt8(digit.hexDigitValue ?? 0) << (index & 1 == 0 ? 0 : 4)
        }
        return vector
    }
}
