public import MediaPlan

/// Choices of the operator, not of the upload.
public struct TranscodeOptions: Sendable, Equatable {
    /// x264's speed; default "veryfast".
    public var preset: String
    /// Bounds of an upload.
    public var limits: MediaPlan.Limits

    /// Default choices unless given.
    public init(preset: String = "veryfast", limits: MediaPlan.Limits = .init()) {
        self.preset = preset
        self.limits = limits
    }
}
