import Playlist

/// A multivariant playlist with the media playlists it lists.
struct ListedPresentation {
    /// One media playlist, however often it is listed.
    struct Child: Equatable {
        let address: String
        let role: RenditionFacts.Role
        /// Where it is listed first.
        let place: Finding.Place
    }

    /// As the report calls it.
    let name: String
    let playlist: MultivariantPlaylist
    let lines: PlaylistPlaces
    let base: String
    /// Variants, then renditions, then I-frame lists.
    private(set) var children: [Child] = []

    /// Tags of one kind beyond these are not looked at: every variant is compared with every rendition.
    static let mostEntries = 1_000

    /// Whether there are more tags of one kind than are looked at.
    let isCutShort: Bool

    init(name: String, playlist whole: MultivariantPlaylist, lines: PlaylistPlaces, base: String) {
        self.name = name
        isCutShort =
            max(whole.variants.count, whole.renditions.count, whole.iFrameVariants.count) > Self.mostEntries
        var playlist = whole
        playlist.variants = Array(whole.variants.prefix(Self.mostEntries))
        playlist.renditions = Array(whole.renditions.prefix(Self.mostEntries))
        playlist.iFrameVariants = Array(whole.iFrameVariants.prefix(Self.mostEntries))
        self.playlist = playlist
        self.lines = lines
        self.base = base
        var known: Set<String> = []
        func add(_ uri: String, _ role: RenditionFacts.Role, line: Int) {
            let address = ResourceAddress.resolve(uri, against: base)
            guard known.insert(address).inserted else { return }
            children.append(Child(address: address, role: role, place: Finding.Place(name, line: line)))
        }
        for (variant, line) in zip(playlist.variants, lines.variants) { add(variant.uri, .variant, line: line) }
        for (rendition, line) in zip(playlist.renditions, lines.renditions) {
            guard let uri = rendition.uri, let role = Self.role(rendition.kind) else { continue }
            add(uri, role, line: line)
        }
        for (variant, line) in zip(playlist.iFrameVariants, lines.iFrameVariants) {
            add(variant.uri, .iFrames, line: line)
        }
    }

    private static func role(_ kind: MultivariantPlaylist.Rendition.Kind) -> RenditionFacts.Role? {
        switch kind {
        case .audio: .audio
        case .video: .video
        case .subtitles: .subtitles
        case .closedCaptions: nil
        }
    }
}

/// A multivariant playlist with everything measured behind it.
struct MeasuredPresentation {
    let outline: ListedPresentation
    let playlists: [String: MeasuredPlaylist]

    /// A variant with its place and its own playlist.
    struct Variant {
        let stated: MultivariantPlaylist.Variant
        let place: Finding.Place
        let measured: MeasuredPlaylist?
    }

    /// An EXT-X-MEDIA tag with its place and its playlist.
    struct Rendition {
        let stated: MultivariantPlaylist.Rendition
        let place: Finding.Place
        let measured: MeasuredPlaylist?
    }

    /// An I-frame list with its place and its playlist.
    struct IFrameVariant {
        let stated: MultivariantPlaylist.IFrameVariant
        let place: Finding.Place
        let measured: MeasuredPlaylist?
    }

    let variants: [Variant]
    let renditions: [Rendition]
    let iFrameVariants: [IFrameVariant]

    init(outline: ListedPresentation, playlists: [String: MeasuredPlaylist]) {
        self.outline = outline
        self.playlists = playlists
        func measured(_ uri: String) -> MeasuredPlaylist? {
            playlists[ResourceAddress.resolve(uri, against: outline.base)]
        }
        func place(_ line: Int) -> Finding.Place { Finding.Place(outline.name, line: line) }
        variants = zip(outline.playlist.variants, outline.lines.variants).map { variant, line in
            Variant(stated: variant, place: place(line), measured: measured(variant.uri))
        }
        renditions = zip(outline.playlist.renditions, outline.lines.renditions).map { rendition, line in
            Rendition(stated: rendition, place: place(line), measured: rendition.uri.flatMap { measured($0) })
        }
        iFrameVariants = zip(outline.playlist.iFrameVariants, outline.lines.iFrameVariants).map { variant, line in
            IFrameVariant(stated: variant, place: place(line), measured: measured(variant.uri))
        }
    }

    /// Renditions of a kind in the group a variant names.
    func group(_ kind: MultivariantPlaylist.Rendition.Kind, _ name: String?) -> [Rendition] {
        guard let name else { return [] }
        return renditions.filter { $0.stated.kind == kind && $0.stated.group == name }
    }

    /// Distinct playlists of pictures and of sound that play at normal speed.
    var media: [MeasuredPlaylist] {
        outline.children.compactMap { child in
            [.variant, .audio, .video].contains(child.role) ? playlists[child.address] : nil
        }
    }

    /// Variants that have pictures, one for each playlist.
    var pictures: [Variant] {
        var known: Set<String> = []
        return variants.filter { variant in
            guard let measured = variant.measured, measured.traits.video != nil else { return false }
            return known.insert(measured.name).inserted
        }
    }

    /// Shortest usual frame of all pictures.
    var frameNanoseconds: Int64? { pictures.compactMap { $0.measured?.clock.usualNanoseconds }.min() }
}
