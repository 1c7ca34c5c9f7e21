import AccessSigning
import JSON
import Playlist
import Presentation

@testable import TranscodeWorker

/// What the small origin of the tests remembers, and its rules.
struct OriginState {
    struct Unit {
        enum State {
            case queued
            case leased
            case done
            case dead
        }

        let kind: LeasedUnit.Kind
        var outline: UnitOutline?
        var state = State.queued
        var fence: Int64 = 0
        var attempts = 0
    }

    struct Job {
        let id: String
        var plan: WorkPlan?
        var units: [Int: Unit] = [0: Unit(kind: .probe)]
        var fence: Int64 = 6
        var stored: [LeasedUnit.Place: StoredSegment] = [:]

        init(id: String) { self.id = id }

        var isReady: Bool { plan != nil && units.values.allSatisfy { $0.state == .done } }
        var isDead: Bool { units.values.contains { $0.state == .dead } }

        mutating func adopt(_ plan: WorkPlan) {
            self.plan = plan
            units[0]?.state = .done
            for unit in plan.units {
                units[unit.number] = Unit(kind: LeasedUnit.Kind(rawValue: unit.kind.rawValue) ?? .sound, outline: unit)
            }
            units[plan.units.count + 1] = Unit(kind: .finish)
        }

        /// Numbers of the units that may be worked on, in their order; the last one waits for all others.
        var waiting: [Int] {
            units.keys.sorted().filter { number in
                guard units[number]?.state == .queued else { return false }
                return units[number]?.kind != .finish
                    || units.allSatisfy { $0.key == number || $0.value.state == .done }
            }
        }
    }

    var jobs: [Job] = []
    var uploadBytes = 0
    var objects: [String: [UInt8]] = [:]
    var fields: [String: [String: String]] = [:]
    var refusals: [String: (status: Int, times: Int)] = [:]
    var unsigned: [String] = []
    var journal: [String] = []
    var bodies: [String: JSONValue] = [:]
    var leases: [JSONValue] = []
    var downloads = 0
    var heartbeats = 0

    mutating func get(_ path: String) -> [UInt8]? {
        if path.hasPrefix("/uploads/") { downloads += 1 }
        return objects[path]
    }

    mutating func put(_ path: String, _ bytes: [UInt8], _ fields: [String: String]) {
        objects[path] = bytes
        self.fields[path] = fields
        journal.append("put \(path.dropFirst("/weir-media/media/v1/".count))")
    }

    mutating func lease(_ wish: JSONValue) -> JSONValue? {
        leases.append(wish)
        let memory = Int(wish["memoryMebibytes"]?.integer ?? .max)
        for index in jobs.indices where !jobs[index].isDead {
            let fitting = jobs[index].waiting.first { number in
                (jobs[index].units[number]?.outline?.memoryMebibytes ?? 0) <= memory
            }
            guard let number = fitting else { continue }
            let fence = jobs[index].fence + 1
            jobs[index].fence = fence
            jobs[index].units[number]?.state = .leased
            jobs[index].units[number]?.fence = fence
            jobs[index].units[number]?.attempts += 1
            if jobs[index].units[number]?.kind == .finish { publish(jobs[index]) }
            return describe(jobs[index], number)
        }
        return nil
    }

    /// Writes the final playlists.
    private mutating func publish(_ job: Job) {
        guard let outline = job.plan?.outline else { return }
        var presentation = Presentation(outline: outline)
        for segment in job.stored.values { _ = presentation.add(segment) }
        for (index, rendition) in outline.renditions.enumerated() {
            let list = presentation.mediaPlaylist(rendition: index, isFinal: true)
            objects["/weir-media/media/v1/\(rendition.name)/index.m3u8"] = Array(list.text.utf8)
        }
        objects["/weir-media/media/v1/index.m3u8"] = Array(presentation.multivariant(isFinal: true).text.utf8)
    }

    private func describe(_ job: Job, _ number: Int) -> JSONValue? {
        guard let unit = job.units[number] else { return nil }
        var object: JSONObject = [
            "jobId": .string(job.id), "number": .integer(Int64(number)), "kind": .string(unit.kind.rawValue),
            "fence": .integer(unit.fence), "videoId": "v1", "mediaPrefix": "media/v1/", "leaseSeconds": 5,
            "attempt": .integer(Int64(unit.attempts)),
            "source": ["bucket": "uploads", "key": "u/clip", "size": .integer(Int64(uploadBytes)), "etag": "e"],
        ]
        if let plan = job.plan { object["outline"] = plan.outline.json }
        if let outline = unit.outline, let plan = job.plan {
            object["media"] = plan.media
            object["detail"] = outline.json
            object["stored"] = .array(
                job.stored.values.filter {
                    outline.renditions.contains($0.rendition) && outline.segments.contains($0.number)
                }.map(\.json))
        }
        return .object(object)
    }

    /// Answers a call such as "jobs/job-1/units/3/segments" with a status.
    mutating func report(_ call: String, _ body: JSONValue) -> Int {
        let parts = call.split(separator: "/").map(String.init)
        guard parts.count == 5, let index = jobs.firstIndex(where: { $0.id == parts[1] }), let number = Int(parts[3]),
            let unit = jobs[index].units[number]
        else { return 404 }
        guard unit.state == .leased, body["fence"]?.integer == unit.fence else { return 409 }
        let name = "\(parts[1])/\(number)/\(parts[4])"
        switch parts[4] {
        case "heartbeat":
            heartbeats += 1
            return 200
        case "segments":
            return commit(body["segments"]?.array ?? [], index, unit)
        case "complete":
            bodies[name] = body
            journal.append(name)
            return complete(body, index, number, unit)
        case "fail":
            bodies[name] = body
            journal.append(name)
            let isOver = body["retryable"]?.bool != true || unit.attempts >= 3
            // The segments of these tests are no media, so the check always finds fault; all work is done then.
            let isChecked = unit.kind == .finish && body["conformance"] != nil
            jobs[index].units[number]?.state = isChecked ? .done : isOver ? .dead : .queued
            return 200
        default: return 404
        }
    }

    private mutating func commit(_ list: [JSONValue], _ index: Int, _ unit: Unit) -> Int {
        for json in list {
            guard let segment = StoredSegment(json: json), let outline = unit.outline, let plan = jobs[index].plan,
                outline.renditions.contains(segment.rendition), outline.segments.contains(segment.number)
            else { return 400 }
            let path = plan.outline.renditions[segment.rendition].path(ofSegment: segment.number)
            guard let bytes = objects["/weir-media/media/v1/\(path)"], SigV4.payloadHash(bytes) == segment.sha256 else {
                return 422
            }
            let place = LeasedUnit.Place(rendition: segment.rendition, number: segment.number)
            if let known = jobs[index].stored[place], known != segment { return 422 }
            jobs[index].stored[place] = segment
            journal.append("commit \(path)")
        }
        return 200
    }

    private mutating func complete(_ body: JSONValue, _ index: Int, _ number: Int, _ unit: Unit) -> Int {
        switch unit.kind {
        case .probe:
            guard let plan = body["plan"].flatMap(WorkPlan.init(json:)) else { return 400 }
            jobs[index].adopt(plan)
        case .pictures, .sound:
            guard let outline = unit.outline else { return 400 }
            for rendition in outline.renditions {
                for segment in outline.segments
                where jobs[index].stored[.init(rendition: rendition, number: segment)] == nil { return 422 }
            }
        case .finish:
            guard body["conformance"] != nil else { return 400 }
        }
        jobs[index].units[number]?.state = .done
        return 200
    }
}
