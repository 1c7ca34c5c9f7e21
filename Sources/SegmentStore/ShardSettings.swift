/// What a shard's index keeps beside the records, so that opening need not read them: ceilings that stay ahead of what
/// was handed out, and the newest fence.
struct ShardSettings: Equatable {
    /// No id from here on was ever used.
    var ids: UInt64 = 0
    /// No slot from here on was ever used.
    var slots: UInt64 = 0
    /// No record's fence is newer; a purge journal that does not reach it has lost a purge.
    var fence: UInt64 = 0

    private static let name = "ceilings"

    init() {}

    /// Reads what was recorded; zeros if nothing was.
    init(_ environments: StoreEnvironments) throws(StoreError) {
        let transaction = try WriteTransaction(environments.index)
        let bytes = try transaction.value(ofName: ShardSettings.name, in: environments.settings) ?? []
        guard bytes.count == 24 else { return }
        bytes.withUnsafeBytes { bytes in
            ids = bytes.load(0)
            slots = bytes.load(8)
            fence = bytes.load(16)
        }
    }

    /// Records them with whatever else the transaction does.
    func write(_ environments: StoreEnvironments, in transaction: borrowing WriteTransaction) throws(StoreError) {
        var bytes: [UInt8] = []
        for value in [ids, slots, fence] { bytes.append(littleEndian: value) }
        try transaction.put(Array(ShardSettings.name.utf8), in: environments.settings, bytes)
    }
}
