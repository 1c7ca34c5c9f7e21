/// Renditions whose parts are not all coded alike: behind several initialisation sections, or one with several parameter sets.
extension MediaTraits {
    /// Takes what another part says: the whole needs the most of both.
    mutating func join(_ part: MediaTraits) {
        if let other = part.video { video?.join(other) }
    }
}

extension MediaTraits.Video {
    mutating func join(_ part: MediaTraits.Video) {
        guard part.format == format else { return }
        let codecs = [codec, part.codec].compactMap { $0 }
        if format.hasPrefix("avc") {
            profile = max(profile, part.profile)
            constraints &= part.constraints
            level = max(level, part.level)
            codec =
                codecs.isEmpty
                ? nil : "\(format)." + [profile, constraints, level].map { Hexadecimal.byte($0) }.joined()
        } else if part.level > level {
            (codec, profile, level) = (part.codec, part.profile, part.level)
        }
        lesserCodecs.formUnion(codecs)
        if let codec { lesserCodecs.remove(codec) }
        isHighTier = isHighTier || part.isHighTier
        isProgressive = isProgressive && part.isProgressive
        macroblocks = max(macroblocks, part.macroblocks)
        referenceFrames = max(referenceFrames, part.referenceFrames)
        isPatternRight = isPatternRight && part.isPatternRight
        if part.height != height || part.width != width {
            otherSizes.insert(Size(width: part.width, height: part.height))
        }
    }
}
