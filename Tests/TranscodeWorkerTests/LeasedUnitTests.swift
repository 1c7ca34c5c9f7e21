import JSON
import MediaPlan
import Presentation
import Testing

@testable import TranscodeWorker

@Suite struct LeasedUnitTests {
    private func answer(_ kind: String, _ changes: JSONObject = [:]) -> JSONValue {
        var object: JSONObject = [
            "jobId": "j", "number": 4, "kind": .string(kind), "fence": 9, "videoId": "v", "mediaPrefix": "media/v/",
            "leaseSeconds": 30, "attempt": 2, "outline": Film.outline.json, "media": ["a": 1],
            "detail": Film.unit(4, .pictures, [0, 1], 2...3, memory: 640).json,
            "source": ["bucket": "b", "key": "k", "size": 33_554_432, "etag": "e"],
            "stored": [["rendition": 0, "number": 2, "sha256": "ab"]],
        ]
        for (key, value) in changes.members { object[key] = value }
        return .object(object)
    }

    @Test func `a unit of pictures comes with its plan, its cost and what is stored of it`() throws {
        let unit = try #require(LeasedUnit(json: answer("pictures")))
        #expect(unit.kind == .pictures && unit.fence == 9 && unit.attempt == 2)
        #expect(unit.stored == [.init(rendition: 0, number: 2): "ab"])
        #expect(unit.memoryMebibytes == 640)
        let picture = Film.outline.renditions[0].effort + Film.outline.renditions[1].effort
        #expect(abs(unit.effortSeconds - 12 * picture) < 0.001)
    }

    @Test func `a probe costs what the upload is large, a check what the renditions are`() throws {
        let probe = try #require(LeasedUnit(json: answer("probe")))
        #expect(probe.effortSeconds == 3)
        let finish = try #require(LeasedUnit(json: answer("finish")))
        #expect(finish.effortSeconds > 1 && finish.effortSeconds < 2)
    }

    @Test func `a probe comes with what the owner wants, and no other word`() throws {
        guard case .probe(let options) = try #require(LeasedUnit(json: answer("probe"))).work else {
            Issue.record("no probe")
            return
        }
        #expect(options == VideoOptions())
        #expect(LeasedUnit(json: answer("probe", ["transcode": ["codecs": ["vp9"]]])) == nil)
    }

    @Test func `a presentation that is encrypted comes with its key`() throws {
        let key: JSONValue = "000102030405060708090a0b0c0d0e0f"
        for kind in ["pictures", "finish"] {
            let unit = try #require(LeasedUnit(json: answer(kind, ["contentKey": key])))
            #expect(unit.contentKey?.bytes == Array(0...15))
        }
        #expect(LeasedUnit(json: answer("pictures"))?.contentKey == nil)
    }

    @Test(
        arguments: [
            ["contentKey": "0001"], ["contentKey": 7], ["contentKey": .null],
            ["kind": "paint"], ["outline": .null], ["detail": .null], ["leaseSeconds": 0],
            ["source": ["bucket": "b"]], ["stored": [["rendition": 0]]], ["number": -1],
            ["detail": Film.unit(4, .sound, [2], 1...2).json],
            ["detail": Film.unit(4, .pictures, [9], 1...2).json],
        ] as [JSONObject])
    func `an answer that is not understood is none`(changes: JSONObject) {
        #expect(LeasedUnit(json: answer("pictures", changes)) == nil)
    }
}
