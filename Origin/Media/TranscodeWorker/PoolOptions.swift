/// `--min N` and `--max N` on the command line, which go before `work.jobs` and `work.maximumJobs`.
public struct PoolOptions: Sendable, Equatable {
    /// What is wrong, for people.
    public struct Wrong: Error, CustomStringConvertible {
        /// The option and what it expects.
        public let description: String
    }

    var least: Int?
    var most: Int?

    /// Takes both options out of `arguments`.
    public init(takenFrom arguments: inout [String]) throws(Wrong) {
        least = try Self.take("--min", from: &arguments)
        most = try Self.take("--max", from: &arguments)
        if let least, let most, least > most {
            throw Wrong(description: "--min \(least) is more than --max \(most)")
        }
    }

    private static func take(_ option: String, from arguments: inout [String]) throws(Wrong) -> Int? {
        guard let index = arguments.firstIndex(of: option) else { return nil }
        let value = index + 1 < arguments.count ? arguments[index + 1] : ""
        guard let count = Int(value), (1...256).contains(count) else {
            throw Wrong(description: "\(option) \(value): expected a number of units from 1 to 256")
        }
        arguments.removeSubrange(index...index + 1)
        return count
    }

    /// The bounds that hold when the document says `bounds`.
    func applied(to bounds: ClosedRange<Int>) -> ClosedRange<Int> {
        switch (least, most) {
        case (nil, nil): bounds
        case (let least?, nil): least...max(least, bounds.upperBound)
        case (nil, let most?): min(bounds.lowerBound, most)...most
        case (let least?, let most?): least...most
        }
    }
}

extension TranscoderSettings {
    /// The same with the pool that the command line asks for.
    public func with(_ options: PoolOptions) -> TranscoderSettings {
        var copy = self
        copy.pool = options.applied(to: pool)
        return copy
    }
}
