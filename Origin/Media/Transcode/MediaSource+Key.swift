internal import AV
internal import MediaPlan

extension MediaSource {
    /// Reads up to the packet of `key` of stream `index`, which is then in `packet`; false if it does not come.
    func arrive(at key: MeasuredPictures.Key, of index: Int, _ packet: Packet) -> Bool {
        guard seek(to: key, of: index) else { return false }
        while read(into: packet) {
            switch packet.relation(to: key) {
            case .before: continue
            case .same: return true
            case .after: return false
            }
        }
        return false
    }
}
