public import JSON

extension MediaPlan {
    /// The plan for the explain page: what comes out, and each choice with its reason.
    public var explanation: JSONValue {
        var members: JSONObject = [:]
        if let video {
            members["renditions"] = .array(
                video.rungs.map { rung in
                    [
                        "name": .string(rung.name), "width": .integer(Int64(rung.width)),
                        "height": .integer(Int64(rung.height)),
                        "maximumBitsPerSecond": .integer(Int64(rung.maximumBitsPerSecond)),
                        "constantRateFactor": .number(rung.constantRateFactor),
                        "frameRate": .number(Double(grid.rateThousandths(step: rung.frameStep)) / 1000),
                    ]
                })
        }
        members["framesPerGroup"] = .integer(Int64(grid.framesPerGroup))
        members["framesPerSegment"] = .integer(Int64(grid.framesPerSegment))
        members["decisions"] = .array(
            decisions.map { decision in
                [
                    "subject": .string(decision.subject), "choice": .string(decision.choice),
                    "reason": .string(decision.reason),
                ]
            })
        return .object(members)
    }
}
