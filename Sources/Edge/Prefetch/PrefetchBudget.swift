/// How much one loop may have on its way ahead of its viewers. A pure value.
struct PrefetchBudget: Equatable {
    /// Fills at the same time.
    let mostFills: Int
    /// Bytes of those fills together, as far as they are known or supposed.
    let mostBytes: Int
    private(set) var fills = 0
    private(set) var bytes = 0
    /// Supposed of the next object: as large as the largest of late.
    private(set) var supposed = 1_048_576

    init(mostFills: Int, mostBytes: Int) {
        self.mostFills = mostFills
        self.mostBytes = mostBytes
    }

    /// Takes room for one object; the bytes to give back, or `nil` when there is none.
    mutating func reserve() -> Int? {
        let wanted = min(supposed, mostBytes)
        guard fills < mostFills, bytes + wanted <= mostBytes else { return nil }
        fills += 1
        bytes += wanted
        return wanted
    }

    /// The object is stored with so many bytes, or will not be (`nil`).
    mutating func release(_ reserved: Int, stored: Int?) {
        fills -= 1
        bytes -= reserved
        if let stored { supposed = max(stored, supposed - supposed / 8) }
    }
}
