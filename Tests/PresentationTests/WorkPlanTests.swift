import JSON
import Presentation
import Testing

@Suite struct WorkPlanTests {
    private static let plan = WorkPlan(
        outline: PresentationTests.outline, media: ["preset": "veryfast"],
        units: [
            UnitOutline(
                number: 1, kind: .pictures, renditions: [0], segments: 1...1, memoryMebibytes: 200,
                detail: ["firstFrame": 0]),
            UnitOutline(
                number: 2, kind: .sound, renditions: [1], segments: 1...2, memoryMebibytes: 50, detail: nil),
        ])

    @Test func `a plan crosses processes unchanged`() throws {
        let text = Self.plan.json.serialized()
        #expect(WorkPlan(json: try JSONValue.parse(text)) == Self.plan)
    }

    @Test func `a unit's cost is its share of the output, sizes weighed by pixels and frames`() {
        let rung = Self.plan.effortSeconds(of: Self.plan.units[0])
        #expect(abs(rung - 6 * 25.0 / 30) < 1e-9)
        #expect(abs(Self.plan.effortSeconds(of: Self.plan.units[1]) - 12 * 0.02) < 1e-9)
    }

    @Test func `what is copied of a size costs next to nothing, and crosses processes as a share`() throws {
        for share in [0.25, 1] {
            var plan = Self.plan
            plan.outline.renditions[0].copiedShare = share
            #expect(WorkPlan(json: try JSONValue.parse(plan.json.serialized())) == plan)
            let effort = 6 * (share * 0.02 + (1 - share) * 25.0 / 30)
            #expect(abs(plan.effortSeconds(of: plan.units[0]) - effort) < 1e-9)
        }
        var rendition = try #require(Self.plan.outline.json["renditions"]?[0]?.object)
        for (stated, share) in [(true, 1), (false, nil), (0, nil), (1.5, nil), ("all", nil)] as [(JSONValue, Double?)] {
            rendition["copied"] = stated
            var outline = try #require(Self.plan.outline.json.object)
            outline["renditions"] = [.object(rendition)]
            #expect(PresentationOutline(json: .object(outline))?.renditions[0].copiedShare == share)
        }
    }

    @Test func `units out of order, of unknown renditions or without work are refused`() {
        for change in [
            { (plan: inout WorkPlan) in plan.units[1].number = 3 },
            { plan in plan.units[0].renditions = [7] },
            { plan in plan.units[0].renditions = [] },
            { plan in plan.units[0].renditions = [1, 0] },
            { plan in plan.units = [] },
        ] {
            var plan = Self.plan
            change(&plan)
            #expect(WorkPlan(json: plan.json) == nil)
        }
    }

    @Test(arguments: ["../etc", "", "a/b", "a b", String(repeating: "a", count: 33), "ü"])
    func `a rendition's name cannot leave its folder`(name: String) {
        var outline = PresentationTests.outline
        outline.renditions[0].name = name
        #expect(PresentationOutline(json: outline.json) == nil)
    }

    @Test(arguments: ["a\",URI=\"b", "", "a,b", "a b"])
    func `a codec string cannot leave its quotes`(codec: String) {
        var outline = PresentationTests.outline
        outline.renditions[0].codec = codec
        #expect(PresentationOutline(json: outline.json) == nil)
    }

    @Test func `a stored segment without a hash, a length or a duration is none`() throws {
        let segment = PresentationTests.segment(0, 1)
        #expect(StoredSegment(json: segment.json) == segment)
        for (key, value) in [("sha256", "aa" as JSONValue), ("bytes", 0), ("durationMicroseconds", 0), ("number", 0)] {
            var object = try #require(segment.json.object)
            object[key] = value
            #expect(StoredSegment(json: .object(object)) == nil)
        }
    }
}
