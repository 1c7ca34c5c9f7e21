internal import MediaPlan

/// Where renditions are in the outline: the sizes in H.264, those in other codecs, then sound, subtitles, and by-products.
extension MediaPlan {
    /// Indices of all sound, in the plan's order.
    var soundRenditions: Range<Int> {
        let first = video?.sizes.count ?? 0
        return first..<first + audio.count
    }

    /// Indices of all subtitles, in the plan's order.
    var subtitleRenditions: Range<Int> {
        soundRenditions.upperBound..<soundRenditions.upperBound + subtitles.count
    }

    /// Indices of the keyframes for playing fast.
    var trickPlayRenditions: [Int] {
        let first = subtitleRenditions.upperBound
        return Array(first..<first + (video?.byProducts.trickPlays.count ?? 0))
    }

    /// Index of the storyboard.
    var storyboardRendition: Int { subtitleRenditions.upperBound + trickPlayRenditions.count }

    /// Index of the posters, the last.
    var posterRendition: Int { storyboardRendition + 1 }

    /// All by-products, in order; empty without pictures.
    var byProductRenditions: [Int] {
        video == nil ? [] : trickPlayRenditions + [storyboardRendition, posterRendition]
    }
}
