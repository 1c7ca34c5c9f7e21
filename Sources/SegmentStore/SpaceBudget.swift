/// Decides when something must be evicted so that all chunk environments together stay within the capacity.
///
/// A file never shrinks, so what counts is the pages a file has ever used. A class may hold what the files of the others
/// have not taken; each class keeps a small guaranteed share, so that a cache full of whole chunks still finds room for
/// tails. A file that outgrew its share is not rewarded with a larger one: its free pages are used first.
struct SpaceBudget {
    private let capacityPages: Int
    private let guaranteedPages: Int
    /// Pages of one group commit at most.
    let batchPages: Int
    private var filePages: [Int]
    private(set) var pieces: [Int]
    /// Whether the files may become longer; if not, what they have must do.
    var mayGrow = true

    /// `batchPages` must be at least one chunk.
    init(capacityPages: Int, batchPages: Int) {
        self.capacityPages = capacityPages
        self.batchPages = batchPages
        guaranteedPages = capacityPages / 64
        filePages = Array(repeating: 0, count: SizeClass.allCases.count)
        pieces = filePages
    }

    /// Pieces were stored in, or with a negative count removed from, `sizeClass`.
    mutating func add(_ count: Int, to sizeClass: SizeClass) {
        pieces[sizeClass.rawValue] += count
    }

    /// The file of `sizeClass` was seen to be `pages` long.
    mutating func setFilePages(_ pages: Int, of sizeClass: SizeClass) {
        filePages[sizeClass.rawValue] = pages
    }

    /// Bytes of all values, padding included.
    var usedBytes: Int {
        SizeClass.allCases.reduce(0) { $0 + pieces[$1.rawValue] * $1.pages * SizeClass.pageBytes }
    }

    /// Bytes of all files.
    var fileBytes: Int { filePages.reduce(0, +) * SizeClass.pageBytes }

    /// How many pieces of `sizeClass` must go before `count` more fit.
    func piecesToEvict(before count: Int, in sizeClass: SizeClass) -> Int {
        let excess = pieces[sizeClass.rawValue] + count - limit(of: sizeClass)
        return max(0, min(excess, pieces[sizeClass.rawValue]))
    }

    /// Pieces that `sizeClass` may hold as things stand.
    ///
    /// Files that are longer than the capacity together, because it was larger once, are shared out by what is in them.
    func limit(of sizeClass: SizeClass) -> Int {
        let own = sizeClass.rawValue
        let isOver = filePages.reduce(0, +) > capacityPages
        var others = 0
        for other in SizeClass.allCases where other != sizeClass {
            let taken = isOver ? pieces[other.rawValue] * other.pages : filePages[other.rawValue]
            others += max(taken, guaranteedPages)
        }
        var allowed = max(capacityPages - others, guaranteedPages)
        if isOver || !mayGrow { allowed = min(allowed, filePages[own]) }
        // A reader's snapshot may keep freed pages from being reused for a moment.
        let slack = sizeClass == .pages64 ? batchPages / 2 : 2 * sizeClass.pages
        let perLeaf = sizeClass.pages * 60 + 1
        let tree = 8 + allowed / perLeaf
        return max(mayGrow ? 1 : 0, (allowed - slack - tree) / sizeClass.pages)
    }
}
