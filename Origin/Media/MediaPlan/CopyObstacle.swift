/// Why pictures or sound of an upload are not copied, with figures.
struct CopyObstacle: Error, Equatable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

extension ProbedMedia {
    /// What stands in the way of copying anything of it.
    func checkCopyable() throws(CopyObstacle) {
        if breaksOff { throw CopyObstacle("the file breaks off") }
        if clockLeaps > 0 { throw CopyObstacle("the file's clock leaps \(clockLeaps) times") }
    }
}
