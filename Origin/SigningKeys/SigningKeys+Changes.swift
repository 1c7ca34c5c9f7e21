internal import Audit
public import Catalog
internal import Crypto
internal import EdgeControl
internal import EventLoop
internal import Telemetry

/// What administrators do with keys.
extension SigningKeys {
    /// One key.
    public func report(id: String) async throws -> Report {
        try await catalog.read { [log] reader in
            guard let key = try reader.signingKey(id: id) else { throw Self.unknown(id) }
            return Report(key: key, edges: try log.progress(of: key.sequence, in: reader))
        }
    }

    /// All keys, or those of one group, newest first.
    public func reports(groupId: String?, limit: Int, after: PageKey?) async throws -> Page<Report> {
        try await catalog.read { [log] reader in
            let page = try reader.signingKeys(groupId: groupId, limit: limit, after: after)
            return Page(
                items: try page.items.map {
                    Report(key: $0, edges: try log.progress(of: $0.sequence, in: reader))
                }, next: page.next)
        }
    }

    /// Makes a key that edges trust and that signs when somebody rotates to it.
    public func create(algorithm: KeyAlgorithm, groupId: String?, by account: String) async throws -> Report {
        try await add(try await sealed(nil, algorithm: algorithm, groupId: groupId ?? self.groupId, by: account))
    }

    /// Makes edges trust a key whose private half stays with somebody else.
    public func trust(publicKey pem: String, groupId: String?, by account: String) async throws -> Report {
        let key: PublicKey
        do {
            key = try PublicKey(pem: pem)
        } catch {
            throw KeyRefusal(.unusable, "The public key cannot be read: \(error).")
        }
        guard let algorithm = KeyAlgorithm(of: key) else {
            let known = KeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw KeyRefusal(.unusable, "The public key is \(KeyAlgorithm.name(of: key)); allowed are \(known).")
        }
        return try await add(
            SigningKey(
                id: Self.newId(), groupId: groupId ?? self.groupId, algorithm: algorithm.rawValue, publicKey: key.pem,
                sealedPrivateKey: nil, createdAt: now(), createdBy: account))
    }

    /// Lets another key sign as soon as every connected edge trusts it: the one named, or a new one.
    ///
    /// Returns at once; `KeyKeeper` does the rest, also after a crash.
    public func rotate(to id: String?, algorithm: KeyAlgorithm, by account: String) async throws -> Report {
        guard let id else {
            try await refuseSecondRotation()
            var key = try await sealed(nil, algorithm: algorithm, groupId: groupId, by: account)
            key.signsWhenTrusted = true
            return try await add(key)
        }
        let now = now()
        try await catalog.write { [groupId] transaction in
            try Self.refuseSecondRotation(transaction, groupId: groupId)
            guard var key = try transaction.signingKey(id: id) else { throw Self.unknown(id) }
            try key.awaitSigning(inGroup: groupId)
            try transaction.update(key)
            try transaction.record(key.act(.rotationBegun), at: now)
        }
        changed.ring()
        return try await report(id: id)
    }

    /// Ends the trust in a key: at once with `isUrgent`, or for a key that has never signed; otherwise when its grants have
    /// lapsed, which it does by itself.
    public func retire(id: String, isUrgent: Bool, by account: String) async throws -> Report {
        try await change { transaction, now in
            guard var key = try transaction.signingKey(id: id) else { throw Self.unknown(id) }
            switch key.state {
            case .retired: return []
            case .verifying where !isUrgent: return []
            case .signing:
                throw KeyRefusal(
                    .signs,
                    "\(id) signs what players get. Rotate first (`weir keys rotate`); it then retires by itself when its "
                        + "last grants have lapsed, or at once with `weir keys retire \(id) --now`.")
            case .trusted, .verifying: break
            }
            key.retire(at: now, by: account)
            try transaction.update(key)
            try transaction.record(key.act(.signingKeyRetired), at: now)
            return [key]
        }
        let report = try await report(id: id)
        if report.key.state == .retired {
            logger.info("signing key retired", ["key": .string(id), "by": .string(account)])
        }
        return report
    }

    private func add(_ key: SigningKey) async throws -> Report {
        try await change { transaction, now in
            let trusted = try transaction.unretiredSigningKeys().filter { $0.groupId == key.groupId }
            guard trusted.count < SigningKey.mostInGroup else {
                throw KeyRefusal(
                    .tooMany,
                    "The group \(key.groupId) has \(trusted.count) keys that edges trust, and may have "
                        + "\(SigningKey.mostInGroup). Retire one first: "
                        + trusted.map { "\($0.id) (\($0.state.rawValue))" }.joined(separator: ", ") + ".")
            }
            if key.signsWhenTrusted { try Self.refuseSecondRotation(transaction, groupId: key.groupId) }
            try transaction.insert(key)
            try transaction.record(key.act(.signingKeyCreated), at: now)
            return [key]
        }
        logger.info(
            "signing key created",
            [
                "key": .string(key.id), "group": .string(key.groupId), "algorithm": .string(key.algorithm),
                "by": .string(key.createdBy),
            ])
        return try await report(id: key.id)
    }

    /// Before the work of making a key; the transaction that adds it looks again.
    private func refuseSecondRotation() async throws {
        try await catalog.read { [groupId] in try Self.refuseSecondRotation($0, groupId: groupId) }
    }

    private static func refuseSecondRotation(_ reader: any CatalogReader, groupId: String) throws {
        let waiting = try reader.unretiredSigningKeys().first { $0.groupId == groupId && $0.signsWhenTrusted }
        guard let waiting else { return }
        throw KeyRefusal(
            .rotating,
            "\(waiting.id) is about to sign, as soon as every connected edge trusts it. Wait for it, or give it up with "
                + "`weir keys retire \(waiting.id)`.")
    }

    private static func unknown(_ id: String) -> KeyRefusal {
        KeyRefusal(.notFound, "There is no key \(id); `weir keys list` shows all.")
    }
}
