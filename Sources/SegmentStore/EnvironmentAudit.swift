/// Checks the structure of an LMDB 0.9 file without LMDB, which would follow a torn page into unmapped memory.
///
/// Every page a tree or the free list refers to must be inside the file, carry its own number and the flags its role
/// demands, and be used once; entry counts must agree. Contents of values are not read: their checksums are compared
/// later. Pure: pages come in through a closure.
struct EnvironmentAudit {
    /// What a page is supposed to be.
    private enum Flag {
        static let branch: UInt16 = 0x01
        static let leaf: UInt16 = 0x02
        static let overflow: UInt16 = 0x04
        static let meta: UInt16 = 0x08
        static let role: UInt16 = 0x6f
    }

    private enum NodeFlag {
        static let bigData: UInt16 = 0x01
        static let subTree: UInt16 = 0x02
        static let duplicates: UInt16 = 0x04
    }

    private struct Tree {
        let flags: UInt16
        let depth: Int
        let entries: UInt64
        let root: UInt64

        init(_ bytes: UnsafeRawBufferPointer) {
            flags = bytes.load(4)
            depth = Int(bytes.load(6) as UInt16)
            entries = bytes.load(32)
            root = bytes.load(40)
        }
    }

    struct Fault: Error, Equatable {
        let text: String
    }

    private static let noPage = UInt64.max
    private static let pageBytes = SizeClass.pageBytes
    private static let headerBytes = SizeClass.pageHeaderBytes

    private let pageCount: UInt64
    private let read: (_ page: UInt64, _ body: (UnsafeRawBufferPointer) throws(Fault) -> Void) throws(Fault) -> Void
    private var used: [UInt64]
    private var lastPage: UInt64 = 0

    /// `pageCount` is the number of whole pages in the file; `read` hands out one of them.
    init(
        pageCount: UInt64,
        read: @escaping (_ page: UInt64, _ body: (UnsafeRawBufferPointer) throws(Fault) -> Void) throws(Fault) -> Void
    ) {
        self.pageCount = pageCount
        self.read = read
        used = Array(repeating: 0, count: Int(pageCount / 64 + 1))
    }

    /// Newest meta page: page number of the last page ever used, the free list's tree, the main tree.
    private func newestMeta() throws(Fault) -> (lastPage: UInt64, free: Tree, main: Tree) {
        var newest: (transaction: UInt64, lastPage: UInt64, free: Tree, main: Tree)?
        for number in [UInt64(0), 1] {
            try read(number) { (page) throws(Fault) in
                let flags: UInt16 = page.load(10)
                let magic: UInt32 = page.load(16)
                let version: UInt32 = page.load(20)
                guard flags & Flag.meta != 0, magic == 0xBEEF_C0DE, version == 1 else {
                    throw Fault(text: "meta page \(number) is none")
                }
                func tree(_ offset: Int) -> Tree { Tree(UnsafeRawBufferPointer(rebasing: page[offset..<offset + 48])) }
                // The free list's record keeps the page size where other trees keep unused bytes.
                guard page.load(40) as UInt32 == UInt32(EnvironmentAudit.pageBytes) else {
                    throw Fault(text: "meta page \(number) names another page size")
                }
                let transaction: UInt64 = page.load(144)
                if newest.map({ transaction > $0.transaction }) ?? true {
                    newest = (transaction, page.load(136), tree(40), tree(88))
                }
            }
        }
        guard let newest else { throw Fault(text: "no meta page") }
        return (newest.lastPage, newest.free, newest.main)
    }

    /// Pages the newest snapshot says the file has had; a file that holds fewer may have been cut off.
    func announcedPages() throws(Fault) -> UInt64 {
        guard pageCount >= 2 else { throw Fault(text: "the file is shorter than its meta pages") }
        return try newestMeta().lastPage &+ 1
    }

    /// Walks everything; throws at the first fault.
    mutating func run() throws(Fault) {
        guard pageCount >= 2 else { throw Fault(text: "the file is shorter than its meta pages") }
        let meta = try newestMeta()
        lastPage = meta.lastPage
        var freePages: [UInt64] = []
        try walk(meta.main, isFreeList: false, &freePages, nesting: 0)
        try walk(meta.free, isFreeList: true, &freePages, nesting: 0)
        for page in freePages {
            guard page >= 2, page <= lastPage else { throw Fault(text: "free page \(page) is outside") }
            // A free page may lie beyond the end of the file: it was never written.
            if page < pageCount { try claim(page, 1) }
        }
    }

    private mutating func walk(
        _ tree: Tree, isFreeList: Bool, _ freePages: inout [UInt64], nesting: Int
    ) throws(Fault) {
        if tree.root == EnvironmentAudit.noPage {
            if tree.entries != 0 { throw Fault(text: "a tree without root claims \(tree.entries) entries") }
            return
        }
        guard tree.depth >= 1, tree.depth <= 32, nesting <= 1 else { throw Fault(text: "a tree is too deep") }
        var entries: UInt64 = 0
        try visit(tree.root, levelsBelow: tree.depth - 1, isFreeList: isFreeList, &entries, &freePages, nesting)
        if entries != tree.entries {
            throw Fault(text: "a tree claims \(tree.entries) entries and has \(entries)")
        }
    }

    private mutating func visit(
        _ number: UInt64, levelsBelow: Int, isFreeList: Bool, _ entries: inout UInt64, _ freePages: inout [UInt64],
        _ nesting: Int
    ) throws(Fault) {
        try claim(number, 1)
        var bytes: [UInt8] = []
        try read(number) { bytes = [UInt8]($0) }
        let nodes = try EnvironmentAudit.nodes(of: bytes, number: number, isLeaf: levelsBelow == 0)
        for node in nodes {
            if levelsBelow > 0 {
                try visit(
                    node.child, levelsBelow: levelsBelow - 1, isFreeList: isFreeList, &entries, &freePages, nesting)
                continue
            }
            entries += 1
            if node.flags & NodeFlag.duplicates != 0 { throw Fault(text: "page \(number) has duplicates") }
            if node.flags & NodeFlag.subTree != 0 {
                guard node.data.count == 48 else { throw Fault(text: "page \(number) names a broken tree") }
                let tree = bytes.withUnsafeBytes { Tree(UnsafeRawBufferPointer(rebasing: $0[node.data])) }
                try walk(tree, isFreeList: false, &freePages, nesting: nesting + 1)
                continue
            }
            try takeValue(node, of: bytes, on: number, isFreeList: isFreeList, &freePages)
        }
    }

    private mutating func takeValue(
        _ node: Node, of bytes: [UInt8], on number: UInt64, isFreeList: Bool, _ freePages: inout [UInt64]
    ) throws(Fault) {
        var list: [UInt8] = []
        if node.flags & NodeFlag.bigData != 0 {
            let first: UInt64 = bytes.withUnsafeBytes { $0.load(node.data.lowerBound) }
            let pages = UInt64((EnvironmentAudit.headerBytes + node.valueBytes - 1) / EnvironmentAudit.pageBytes + 1)
            try claim(first, pages)
            try read(first) { (page) throws(Fault) in
                let flags: UInt16 = page.load(10)
                let count: UInt32 = page.load(12)
                guard page.load(0) == first, flags & Flag.role == Flag.overflow, UInt64(count) == pages else {
                    throw Fault(text: "page \(first) is not the value that page \(number) expects")
                }
            }
            if isFreeList { list = try value(at: first, count: node.valueBytes) }
        } else if isFreeList {
            list = Array(bytes[node.data])
        }
        guard isFreeList else { return }
        let count: UInt64 = list.count >= 8 ? list.withUnsafeBytes { $0.load(0) } : .max
        guard count <= UInt64(list.count / 8 - 1) else { throw Fault(text: "page \(number) has a broken free list") }
        list.withUnsafeBytes { list in
            for index in 0..<Int(count) { freePages.append(list.load(8 + 8 * index)) }
        }
    }

    /// Bytes of a value that spans pages.
    private func value(at first: UInt64, count: Int) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        var number = first
        while bytes.count < count {
            try read(number) { page in
                let start = number == first ? EnvironmentAudit.headerBytes : 0
                bytes += page[start..<min(page.count, start + count - bytes.count)]
            }
            number += 1
        }
        return bytes
    }

    /// Marks pages as used; a page used twice, or outside the file, is a fault.
    private mutating func claim(_ first: UInt64, _ count: UInt64) throws(Fault) {
        guard first >= 2, count <= pageCount, first <= pageCount - count, first + count - 1 <= lastPage else {
            throw Fault(text: "pages \(first) and \(count) more are outside the file of \(pageCount)")
        }
        for page in first..<first + count {
            let bit: UInt64 = 1 << (page % 64)
            if used[Int(page / 64)] & bit != 0 { throw Fault(text: "page \(page) is used twice") }
            used[Int(page / 64)] |= bit
        }
    }

    // MARK: One page

    private struct Node {
        var flags: UInt16 = 0
        var child: UInt64 = 0
        /// The value, or the page number of one that spans pages, inside the page.
        var data: Range<Int> = 0..<0
        var valueBytes = 0
    }

    private static func nodes(of bytes: [UInt8], number: UInt64, isLeaf: Bool) throws(Fault) -> [Node] {
        let result: Result<[Node], Fault> = bytes.withUnsafeBytes { page in
            do throws(Fault) { return .success(try nodes(of: page, number, isLeaf)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func nodes(
        of page: UnsafeRawBufferPointer, _ number: UInt64, _ isLeaf: Bool
    ) throws(Fault) -> [Node] {
        let flags: UInt16 = page.load(10)
        let lower = Int(page.load(12) as UInt16)
        let upper = Int(page.load(14) as UInt16)
        guard page.load(0) == number, flags & Flag.role == (isLeaf ? Flag.leaf : Flag.branch), lower >= headerBytes,
            lower <= upper, upper <= pageBytes, lower % 2 == 0
        else { throw Fault(text: "page \(number) is not the \(isLeaf ? "leaf" : "branch") it should be") }
        let count = (lower - headerBytes) / 2
        guard count >= (isLeaf ? 1 : 2) else { throw Fault(text: "page \(number) is empty") }
        var nodes: [Node] = []
        nodes.reserveCapacity(count)
        for index in 0..<count {
            let offset = Int(page.load(headerBytes + 2 * index) as UInt16)
            guard offset >= upper, offset <= pageBytes - 8 else {
                throw Fault(text: "page \(number) has an entry outside")
            }
            let low: UInt16 = page.load(offset)
            let high: UInt16 = page.load(offset + 2)
            let last: UInt16 = page.load(offset + 4)
            let keyBytes = Int(page.load(offset + 6) as UInt16)
            var node = Node()
            if isLeaf {
                node.flags = last
                node.valueBytes = Int(low) | Int(high) << 16
                let start = offset + 8 + keyBytes
                let stored = last & NodeFlag.bigData != 0 ? 8 : node.valueBytes
                guard start + stored <= pageBytes else { throw Fault(text: "page \(number) has an entry outside") }
                node.data = start..<start + stored
            } else {
                node.child = UInt64(low) | UInt64(high) << 16 | UInt64(last) << 32
                guard offset + 8 + keyBytes <= pageBytes else {
                    throw Fault(text: "page \(number) has an entry outside")
                }
            }
            nodes.append(node)
        }
        return nodes
    }
}
