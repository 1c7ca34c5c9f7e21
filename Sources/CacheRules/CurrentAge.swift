internal import Bytes
public import HTTPWire

extension CacheRules {
    /// Seconds the response had spent in caches and on the way when it arrived (RFC 9111 §4.2.3).
    ///
    /// - Parameters:
    ///   - now: when it arrived, epoch seconds.
    ///   - responseDelay: seconds between the request and the response.
    public static func initialAge(_ headers: Headers, now: Int64, responseDelay: Int64 = 0) -> Int {
        let corrected = Int64(statedAge(headers)) + max(0, responseDelay)
        guard let date = headers.first("Date").flatMap({ HTTPDate.parse($0, now: now) }) else {
            return DeltaSeconds.bounded(corrected)
        }
        return DeltaSeconds.bounded(max(corrected, now - date))
    }

    /// The first member of `Age`; one that is no number says nothing (RFC 9111 §5.1).
    private static func statedAge(_ headers: Headers) -> Int {
        let first = headers.first("Age")?.split(separator: ",", omittingEmptySubsequences: false).first
        return first.flatMap { DeltaSeconds(ASCII.trimmed($0)) }?.value ?? 0
    }
}
