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
