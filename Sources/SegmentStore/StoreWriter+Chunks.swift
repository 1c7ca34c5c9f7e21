internal import Bytes
internal import Synchronization

extension StoreWriter {
    /// Commits chunks, one transaction per environment.
    ///
    /// Chunks that cannot be stored fail their fills.
    func storeChunks(_ chunks: [PendingChunk]) {
        if !chunks.isEmpty { lookAtSpace() }
        for sizeClass in SizeClass.allCases {
            let group = chunks.filter { $0.sizeClass == sizeClass }
            if group.isEmpty { continue }
            let admitted = makeRoom(for: group, in: sizeClass)
            if admitted.isEmpty { continue }
            do throws(StoreError) {
                try commit(admitted, to: sizeClass)
            } catch {
                report(error)
                for chunk in admitted { chunk.fill.fail(.failed(error)) }
            }
        }
    }

    /// Evicts until `group` fits; the chunks that still do not fit fail their fills and are left out.
    private func makeRoom(for group: [PendingChunk], in sizeClass: SizeClass) -> [PendingChunk] {
        let excess = budget.piecesToEvict(before: group.count, in: sizeClass)
        if excess > 0 {
            let needed = excess - doomed[sizeClass.rawValue].count
            if needed > 0 {
                evict(
                    where: { $0.pieces(in: sizeClass) > 0 }, until: { $0 >= needed },
                    weight: { $0.pieces(in: sizeClass) })
            }
            deleteDoomed(of: sizeClass)
        }
        let room = max(0, budget.limit(of: sizeClass) - budget.pieces[sizeClass.rawValue])
        if room >= group.count { return group }
        let reason =
            space.isLow
            ? "the file system has less free than its reserve"
            : "the cache is full of bodies that are still being stored"
        for chunk in group[room...] { chunk.fill.fail(.failed(StoreError(.full, reason))) }
        shard.counters.update { $0.refusedChunks += group.count - room }
        return Array(group[..<room])
    }

    private func commit(_ group: [PendingChunk], to sizeClass: SizeClass) throws(StoreError) {
        let chunks = environments[sizeClass]
        let start = monotonicMicroseconds()
        let checksums = group.map { CRC32C.checksum($0.buffer.bytes) }
        if hasFreshHoles[sizeClass.rawValue] { try age(sizeClass) }
        let transaction = try WriteTransaction(chunks.environment)
        for chunk in group {
            try chunk.key.withBytes { (key) throws(StoreError) in
                try transaction.put(key, in: chunks.database, count: sizeClass.valueBytes) { target in
                    target.copyMemory(from: chunk.buffer.bytes)
                    // What is behind a short tail would otherwise be whatever was in this process's memory.
                    UnsafeMutableRawBufferPointer(rebasing: target[chunk.buffer.count...])
                        .initializeMemory(as: UInt8.self, repeating: 0)
                }
            }
        }
        try transaction.commit()
        budget.add(group.count, to: sizeClass)
        noteFileSize(of: sizeClass)
        for (chunk, checksum) in zip(group, checksums) {
            chunk.fill.noteStored(chunk.index, sizeClass, checksum)
            if sizeClass == .pages64, chunk.buffer.count == SizeClass.chunkBytes {
                chunk.fill.committedChunks.store(chunk.index + 1, ordering: .releasing)
            }
        }
        shard.counters.recordCommit(microseconds: monotonicMicroseconds() - start)
    }

    var hasDoomed: Bool { doomed.contains { !$0.isEmpty } }

    /// Deletes chunks whose record is gone.
    func deleteDoomed() {
        for sizeClass in SizeClass.allCases { deleteDoomed(of: sizeClass) }
    }

    /// Deletes them in transactions of their own, 1,024 at a time.
    private func deleteDoomed(of sizeClass: SizeClass) {
        while !doomed[sizeClass.rawValue].isEmpty {
            let keys = doomed[sizeClass.rawValue].prefix(1_024)
            do throws(StoreError) {
                let transaction = try WriteTransaction(environments[sizeClass].environment)
                var deleted = 0
                for key in keys {
                    let wasThere = try key.withBytes { (key) throws(StoreError) in
                        try transaction.delete(key, in: environments[sizeClass].database)
                    }
                    if wasThere { deleted += 1 }
                }
                try transaction.commit()
                hasFreshHoles[sizeClass.rawValue] = true
                budget.add(-deleted, to: sizeClass)
                doomed[sizeClass.rawValue].removeFirst(keys.count)
            } catch {
                // They stay in the file as orphans until the next opening; no record names them.
                report(error)
                doomed[sizeClass.rawValue].removeAll()
            }
        }
        noteFileSize(of: sizeClass)
    }

    /// Commits next to nothing. LMDB reuses what one transaction freed from the second one after it, so a put right after
    /// a deletion would grow the file instead of filling the hole.
    private func age(_ sizeClass: SizeClass) throws(StoreError) {
        let chunks = environments[sizeClass]
        let transaction = try WriteTransaction(chunks.environment)
        try transaction.put(ChunkKey.ageKey, in: chunks.database, ChunkKey.ageKey)
        try transaction.commit()
        hasFreshHoles[sizeClass.rawValue] = false
    }

    /// The chunks of a fill that will have no record.
    func doomChunks(of fill: Fill) {
        for (sizeClass, key) in fill.storedChunks { doomed[sizeClass.rawValue].append(key) }
        fill.storedChunks.removeAll()
    }
}
