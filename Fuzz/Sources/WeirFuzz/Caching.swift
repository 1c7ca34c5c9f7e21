import Bytes
import CacheRules
import HTTPWire

/// Whatever the origin says, lifetimes are bounded and what is one person's is not stored.
func fuzzCacheRules(_ bytes: UnsafeRawBufferPointer) {
    var headers = Headers()
    for line in bytes.split(separator: 0x0a) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
        headers.add(
            String(decoding: line[..<colon], as: UTF8.self), String(decoding: line[(colon + 1)...], as: UTF8.self))
    }
    let control = CacheControl(headers)
    for seconds in [control.maxAge, control.sharedMaxAge, control.staleIfError, control.staleWhileRevalidate] {
        require(0...CacheControl.maximumSeconds ~= seconds ?? 0, "a number of seconds without bounds")
    }
    let policy = TTLPolicy(minimum: 5, default: 60, maximum: 3600)
    let outcome = CacheRules.storability(
        request: CacheRequest(method: .get), status: .ok, headers: headers, policy: policy, now: now)
    fuzzRequestDirectives(headers)
    guard case .storable(let freshness) = outcome else { return }
    require(0...3600 ~= freshness.freshForSeconds && freshness.initialAgeSeconds >= 0, "a lifetime without bounds")
    let inForce = CachingDirectives(headers, now: now).control
    require(inForce.mustUnderstand || !inForce.noStore, "no-store is stored")
    require(!inForce.isPrivate, "one person's response is stored")
    require(
        !headers.contains("set-cookie") || freshness.withheldFields.contains("set-cookie"), "a cookie is stored")
}

/// The same fields as a request's: nothing stale is acceptable without leave, and nothing at all after `no-cache`.
private func fuzzRequestDirectives(_ headers: Headers) {
    let control = RequestCacheControl(headers)
    let acceptsStale = control.accepts(ageSeconds: 9, freshSecondsLeft: -1, mayBeStale: true, isImmutable: true)
    require(!acceptsStale || control.maxStale != nil, "stale without leave")
    let accepts = control.accepts(ageSeconds: 9, freshSecondsLeft: 9, mayBeStale: false, isImmutable: false)
    require(!(accepts && control.noCache), "an answer from the cache in spite of no-cache")
}

/// A dictionary of structured fields, and the directives made of it.
func fuzzStructuredDictionary(_ bytes: UnsafeRawBufferPointer) {
    let text = String(decoding: bytes, as: UTF8.self)
    let members = StructuredDictionary(text)
    require(members == StructuredDictionary(" " + text + " "), "blanks around a field matter")
    if members != nil, !text.utf8.allSatisfy({ 0x20...0x7e ~= $0 || $0 == 0x09 }) {
        fatalError("a byte outside ASCII is read")
    }
    var headers = Headers()
    headers.add("CDN-Cache-Control", text)
    let control = CachingDirectives(headers, now: 0).control
    require(0...CacheControl.maximumSeconds ~= control.maxAge ?? 0, "a number of seconds without bounds")
}

/// Values of request fields: the normal form of a normal form is itself, and keys give back what they were made of.
///
/// Without quotes: one that is opened in a line and never closed means something else once the lines are joined.
func fuzzVariantKey(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.allSatisfy({ 0x20...0x7e ~= $0 && $0 != 0x22 || $0 == 0x09 || $0 == 0x0a }) else { return }
    let lines = bytes.split(separator: 0x0a).map { UnsafeRawBufferPointer(rebasing: $0) }
    for name in ["accept-language", "accept", "x-any"] as [StaticString] {
        guard let key = variantKey(name, lines) else { continue }
        let fields = VariantKey.fields(of: key)
        require(fields.count <= 1 && VariantKey.isVariant(key), "a key of another shape")
        var value = Array((fields.first?.value ?? "").utf8)
        value.withUnsafeMutableBytes { value in
            let again = variantKey(name, value.isEmpty ? [] : [UnsafeRawBufferPointer(value)])
            require(again == key, "a normal form that is not normal")
        }
    }
    var accept = AcceptEncoding()
    for line in lines { accept.add(line) }
    if let choice = accept.choice(brotli: true, gzip: true) {
        require(accept.weight(of: choice) > 0, "a refused coding is sent")
    }
}

private func variantKey(_ name: StaticString, _ lines: [UnsafeRawBufferPointer]) -> [UInt8]? {
    var key = GrowableBuffer()
    key.append("/a")
    let hasKey = name.withUTF8Buffer { name in
        VariantKey.append(names: UnsafeRawBufferPointer(name), to: &key) { _, body in lines.forEach(body) }
    }
    return hasKey ? key.bytes : nil
}

private let now: Int64 = 1_795_230_000
