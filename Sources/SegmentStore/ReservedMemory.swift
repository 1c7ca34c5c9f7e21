internal import Glibc

/// Addresses of this process behind which there is memory only where it was asked for.
///
/// A loop that touched memory for the first time would wait for the kernel to clear a huge page, or to make one; the
/// writer's thread waits instead.
final class ReservedMemory: @unchecked Sendable {
    // Sendable: the address never changes; what is behind it is its owner's to guard.

    /// Zeros; begins at a multiple of `step`.
    let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int

    /// The size of a huge page.
    static let step = 2 << 20

    /// `nil` if the kernel gives no addresses.
    init?(byteCount: Int) {
        mappedBytes = byteCount + ReservedMemory.step
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let mapping = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, flags, -1, 0), mapping != MAP_FAILED else {
            return nil
        }
        self.mapping = mapping
        base = mapping.alignedUp(toMultipleOf: ReservedMemory.step)
    }

    deinit { munmap(mapping, mappedBytes) }

    /// Puts memory behind `range`, in huge pages if there are any; a kernel before 5.14 does so at first use.
    func populate(_ range: Range<Int>) {
        madvise(base + range.lowerBound, range.count, MADV_HUGEPAGE)
        madvise(base + range.lowerBound, range.count, ReservedMemory.populateWrite)
    }

    /// Moves what is in use of `range` to huge pages; a kernel before 6.1 does so when it finds the time.
    func collapse(_ range: Range<Int>) {
        madvise(base + range.lowerBound, range.count, MADV_HUGEPAGE)
        madvise(base + range.lowerBound, range.count, ReservedMemory.collapse)
    }

    // Numbers of the kernel's that not every version of the C library names.
    private static let populateWrite: Int32 = 23
    private static let collapse: Int32 = 25
}
