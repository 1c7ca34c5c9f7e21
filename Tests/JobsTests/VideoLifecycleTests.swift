import Catalog
import Jobs
import Testing

@Suite struct VideoLifecycleTests {
    private let failure = VideoFailure(reason: "not_a_video", detail: "This is no video.")
    private let rung = Rendition(
        name: "360p", width: 640, height: 360, frameRate: 25, codecs: "avc1.64001e", bandwidth: 2, averageBandwidth: 1,
        segments: 1, bytes: 1)

    @Test func `an upload becomes a ready video`() {
        var video = makeVideo("v")
        var seen: [VideoStatus] = []
        let events: [VideoEvent] = [
            .uploadArrived, .probing, .planned(durationSeconds: 9, explain: "{}"), .transcoding, .progressed(0.2),
            .published(durationSeconds: 9.5, renditions: [rung], poster: "poster/00001.jpg"), .progressed(0.9),
            .completed,
        ]
        for event in events {
            #expect(apply(event, to: &video, now: 7))
            seen.append(video.status)
        }
        #expect(
            seen == [.queued, .probing] + Array(repeating: .transcoding, count: 5) + [.ready])
        #expect(video.progress == 1 && video.playable && video.durationSeconds == 9.5 && video.updatedAt == 7)
    }

    @Test func `a finished video ignores every echo`() {
        var video = makeVideo("v", status: .ready)
        let before = video
        let events: [VideoEvent] = [
            .uploadArrived, .probing, .planned(durationSeconds: 1, explain: ""), .transcoding, .progressed(0.1),
            .requeued, .failed(failure), .retried(isPublished: true), .completed,
            .published(durationSeconds: 1, renditions: [], poster: nil),
        ]
        for event in events { #expect(!apply(event, to: &video, now: 9)) }
        #expect(video == before)
    }

    @Test func `progress never runs backwards, and only what is checked is whole`() {
        var video = makeVideo("v", status: .transcoding)
        for (reported, expected) in [(0.5, 0.5), (0.3, 0.5), (-4, 0.5), (.nan, 0.5), (.infinity, 0.5), (7, 0.99)] {
            #expect(apply(.progressed(reported), to: &video, now: 1))
            #expect(video.progress == expected)
        }
        #expect(apply(.completed, to: &video, now: 1))
        #expect(video.progress == 1)
    }

    @Test func `a failed video says why and does not play`() {
        var video = makeVideo("v", status: .transcoding)
        _ = video.apply(.published(durationSeconds: 1, renditions: [rung], poster: "poster/00001.jpg"), now: 1)
        #expect(apply(.failed(failure), to: &video, now: 1))
        #expect(video.failure == failure && !video.playable && video.status == .failed)
    }

    @Test func `a retry keeps how far it was and what plays, a new upload does not`() {
        for (way, progress, playable) in [
            (VideoEvent.uploadArrived, 0.0, false), (.retried(isPublished: true), 0.4, true),
            (.retried(isPublished: false), 0.4, false),
        ] {
            var video = makeVideo("v", status: .transcoding)
            _ = video.apply(.progressed(0.4), now: 1)
            _ = video.apply(.published(durationSeconds: 1, renditions: [rung], poster: "poster/00001.jpg"), now: 1)
            _ = video.apply(.failed(failure), now: 1)
            #expect(apply(way, to: &video, now: 2))
            #expect(video.status == .queued && video.failure == nil)
            #expect(video.progress == progress && video.playable == playable)
            #expect((video.poster == nil) == (way == .uploadArrived))
        }
    }

    @Test func `a probe that is lost goes back to the queue`() {
        var video = makeVideo("v", status: .probing)
        #expect(apply(.requeued, to: &video, now: 1))
        #expect(video.status == .queued)
        #expect(apply(.probing, to: &video, now: 1))
    }

    @Test(arguments: VideoStatus.allCases)
    func `another file begins anew what is not finished`(_ status: VideoStatus) {
        var video = makeVideo("v", status: status)
        #expect(apply(.uploadArrived, to: &video, now: 1) == (status != .ready))
    }

    // `#expect` cannot call a mutating method itself.
    private func apply(_ event: VideoEvent, to video: inout Video, now: Int64) -> Bool { video.apply(event, now: now) }
}
