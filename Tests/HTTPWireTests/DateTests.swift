import HTTPWire
import Testing

struct DateTests {
    private let moment: Int64 = 784_111_777

    @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func `the three forms of RFC 9110 are read`(text: String) {
        #expect(HTTPDate.parse(text) == moment)
    }

    @Test func `a two-digit year is the last such year up to fifty years from now`() {
        let now: Int64 = 1_795_230_000
        for (text, year) in [("76", 2076), ("77", 1977), ("26", 2026), ("27", 2027), ("00", 2000), ("99", 1999)] {
            let full = HTTPDate.parse("Fri, 01 May \(year) 00:00:00 GMT")
            #expect(HTTPDate.parse("Friday, 01-May-\(text) 00:00:00 GMT", now: now) == full)
        }
        #expect(HTTPDate.parse("Friday, 01-May-69 00:00:00 GMT") == HTTPDate.parse("Fri, 01 May 2069 00:00:00 GMT"))
        #expect(HTTPDate.parse("Friday, 01-May-70 00:00:00 GMT") == HTTPDate.parse("Fri, 01 May 1970 00:00:00 GMT"))
        for now in [Int64.min, .max, 0] { #expect(HTTPDate.parse("Friday, 01-May-70 00:00:00 GMT", now: now) != nil) }
    }

    @Test func `the preferred form is written`() {
        #expect(HTTPDate.format(moment) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.format(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.format(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.format(253_402_300_799) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate.format(-1) == "Wed, 31 Dec 1969 23:59:59 GMT")
        #expect(HTTPDate.format(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(HTTPDate.format(.min) == "Sat, 01 Jan 0000 00:00:00 GMT")
    }

    @Test func `what is written reads back, through four centuries`() {
        var time: Int64 = -11_676_096_000
        while time < 11_676_096_000 {
            #expect(HTTPDate.parse(HTTPDate.format(time)) == time)
            #expect(ISO8601.parse(ISO8601.basic(time)) == time)
            #expect(ISO8601.parse(ISO8601.extended(time)) == time)
            time += 9_999_991
        }
    }

    @Test(arguments: [
        "", "Sun", "0", "-1", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun, +6 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
    ])
    func `what is no date is refused`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    @Test func `ISO dates are written`() {
        #expect(ISO8601.basic(1_795_230_000) == "20261121T030000Z")
        #expect(ISO8601.basicDate(1_795_230_000) == "20261121")
        #expect(ISO8601.extended(1_795_230_000) == "2026-11-21T03:00:00Z")
        #expect(ISO8601.extended(milliseconds: 1_795_230_000_007) == "2026-11-21T03:00:00.007Z")
        #expect(ISO8601.extended(milliseconds: -1) == "1969-12-31T23:59:59.999Z")
    }

    @Test func `ISO dates are read with or without fraction`() {
        #expect(ISO8601.parse("2026-11-21T03:00:00.123456Z") == 1_795_230_000)
        #expect(ISO8601.parse("20261121T030000Z") == 1_795_230_000)
    }

    @Test(arguments: [
        "", "Z", "2026-11-21", "2026-11-21T03:00:00", "2026-11-21T03:00:00+01:00", "2026-11-21 03:00:00Z",
        "2026-13-21T03:00:00Z",
        "20261121T030000", "20261121T03000Z", "2026-11-21T03:00:00.Z", "2026-11-21T03:00:00.1xZ", "20261131T030000Z",
    ])
    func `what is no ISO date is refused`(text: String) {
        #expect(ISO8601.parse(text) == nil)
    }
}
