public import MediaPlan

/// Choices of the operator, not of the upload.
public struct TranscodeOptions: Sendable, Equatable {
    /// x264's speed; default "veryfast".
    public var preset: String
    /// Threads of each rung's encoder; default 1.
    ///
    /// Spans run side by side, so more only adds delay.
    public var encoderThreads: Int
    /// Bounds of an upload.
    public var limits: MediaPlan.Limits

    /// Default choices unless given.
    public init(preset: String = "veryfast", encoderThreads: Int = 1, limits: MediaPlan.Limits = .init()) {
        self.preset = preset
        self.encoderThreads = encoderThreads
        self.limits = limits
    }
}
