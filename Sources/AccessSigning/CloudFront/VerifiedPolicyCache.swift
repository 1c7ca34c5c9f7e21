internal import Bytes

/// The policies one loop has verified, bounded; the oldest goes first.
struct VerifiedPolicyCache {
    private let hasher: SipHash128
    private let capacity: Int
    private var policies: [Hash128: VerifiedPolicy] = [:]
    private var order: [Hash128] = []
    private var oldest = 0

    init(capacity: Int, key: (UInt64, UInt64)) {
        precondition(capacity > 0, "a cache holds at least one policy")
        self.capacity = capacity
        hasher = SipHash128(key: key)
        policies.reserveCapacity(capacity)
        order.reserveCapacity(capacity)
    }

    func find(_ parameters: CompleteParameters, url: ResourceURL) -> VerifiedPolicy? {
        guard let policy = policies[hasher.hash(parameters.signature)], policy.wasProven(by: parameters, url: url)
        else {
            return nil
        }
        return policy
    }

    mutating func insert(_ policy: VerifiedPolicy, signature: UnsafeRawBufferPointer) {
        let key = hasher.hash(signature)
        guard policies.updateValue(policy, forKey: key) == nil else { return }
        if order.count < capacity {
            order.append(key)
        } else {
            policies.removeValue(forKey: order[oldest])
            order[oldest] = key
            oldest = (oldest + 1) % capacity
        }
    }
}
