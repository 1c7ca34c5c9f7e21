/// Suggests the known name a mistyped one was meant to be.
public enum NearestName {
    /// The candidate with the smallest edit distance, if that is at most a third of the name's length (at least two).
    ///
    /// Complexity: O(n·m) per candidate; for error messages only.
    public static func of(_ name: String, among candidates: [String]) -> String? {
        let limit = max(2, name.utf8.count / 3)
        let ranked = candidates.map { (candidate: $0, distance: editDistance($0.lowercased(), name.lowercased())) }
        return ranked.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.candidate
    }

    /// Levenshtein distance over UTF-8 bytes.
    static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, leftByte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, rightByte) in right.enumerated() {
                let substitution = diagonal + (leftByte == rightByte ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
