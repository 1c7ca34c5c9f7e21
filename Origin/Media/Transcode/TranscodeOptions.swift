public import MediaPlan

/// Choices of the operator and of the video's owner.
public struct TranscodeOptions: Sendable, Equatable {
    /// x264's speed; default "veryfast".
    public var preset: String
    /// What is made of the video.
    public var video: VideoOptions
    /// Bounds of an upload.
    public var limits: MediaPlan.Limits

    /// Default choices unless given.
    public init(preset: String = "veryfast", video: VideoOptions = VideoOptions(), limits: MediaPlan.Limits = .init()) {
        self.preset = preset
        self.video = video
        self.limits = limits
    }
}
