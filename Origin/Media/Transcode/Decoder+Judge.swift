internal import AV
internal import MediaPlan

extension Decoder {
    /// Throws when nothing, or less than half, of a whole film's `what` could be decoded.
    func judge(_ what: String) throws {
        guard frames > 0 else {
            throw MediaRejection("Not one frame of this file's \(what) could be decoded: it is damaged or incomplete.")
        }
        guard brokenPackets * 2 <= packets else {
            throw MediaRejection(
                "\(brokenPackets) of \(packets) parts of this file's \(what) are damaged, too many to show.")
        }
    }
}

extension UnitNotes {
    /// Adds what `decoder` has done, and says so if it met damage.
    mutating func add(_ decoder: Decoder, of what: String, in subject: String) {
        packets += decoder.packets
        brokenPackets += decoder.brokenPackets
        frames += decoder.frames
        guard decoder.brokenPackets > 0 else { return }
        let reason = "\(decoder.brokenPackets) of \(decoder.packets) parts of the \(what) could not be decoded"
        decisions.append(.init(subject, "played as far as it goes", because: reason))
    }
}
