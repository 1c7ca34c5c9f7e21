public import JSON

extension Presentation {
    /// The renditions as the catalog keeps them: with declared rates while they grow, measured ones at the end. Sizes and
    /// frame rates are 0 for sound.
    public func renditionsJSON(isFinal: Bool) -> JSONValue {
        .array(
            outline.renditions.indices.map { index in
                let rendition = outline.renditions[index]
                let rates = bandwidth(rendition: index, isFinal: isFinal)
                var size = (width: 0, height: 0, rate: 0)
                if case .video(let width, let height, let rate) = rendition.content { size = (width, height, rate) }
                let object: JSONObject = [
                    "name": .string(rendition.name), "width": .integer(Int64(size.width)),
                    "height": .integer(Int64(size.height)), "frameRate": .number(Double(size.rate) / 1000),
                    "codecs": .string(rendition.codec), "bandwidth": .integer(Int64(rates.peak)),
                    "averageBandwidth": .integer(Int64(rates.average)),
                    "segments": .integer(Int64(playable(rendition: index).count)),
                    "bytes": .integer(Int64(bytes(rendition: index))),
                ]
                return .object(object)
            })
    }
}
