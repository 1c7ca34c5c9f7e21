import QRCode
import Testing

@Suite struct QRCodeTests {
    @Test func theSmallestSymbolThatHoldsTheTextIsChosen() throws {
        #expect(try QRCode("a").side == 21)
        #expect(try QRCode(String(repeating: "a", count: 15)).side == 25)
        #expect(try QRCode(String(repeating: "a", count: 2331)).side == 177)
    }

    @Test(arguments: [0, 2332]) func aTextThatDoesNotFitIsRefused(_ bytes: Int) {
        let text = String(repeating: "a", count: bytes)
        let refusal = #expect(throws: QRCodeRefused.self) { try QRCode(text) }
        #expect(refusal?.description == "a text of \(bytes) bytes does not fit into a QR code")
    }

    @Test func threeCornersHaveFindersAndAllAroundIsLight() throws {
        let code = try QRCode("otpauth://totp/Weir:ann?secret=ABC")
        for (top, left) in [(0, 0), (0, code.side - 7), (code.side - 7, 0)] {
            let finder = (0..<7).map { row in
                (0..<7).map { code[top + row, left + $0] ? "#" : "." }.joined()
            }
            #expect(finder == ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"])
        }
        #expect(!code[-1, 0] && !code[0, -1] && !code[code.side, 0] && !code[0, code.side])
    }

    @Test func aByteOfZeroIsNotTheEnd() throws {
        #expect(try QRCode("a\0b") != QRCode("a"))
    }

    @Test func theTerminalShowsTheSameModulesInAQuietZoneOfFour() throws {
        let code = try QRCode("otpauth://totp/Weir:ann?secret=ABC")
        let lines = code.terminalText.split(separator: "\n").map(Array.init)
        let size = code.side + 8
        #expect(lines.count == (size + 1) / 2 && lines.allSatisfy { $0.count == size })
        for row in 0..<size {
            for column in 0..<size {
                let lightHalves: [Character] = row % 2 == 0 ? ["█", "▀"] : ["█", "▄"]
                #expect(lightHalves.contains(lines[row / 2][column]) == !code[row - 4, column - 4])
            }
        }
    }

    @Test func theSVGShowsTheSameModulesInAQuietZoneOfFour() throws {
        let code = try QRCode("otpauth://totp/Weir:ann?secret=ABC")
        let svg = code.svg(title: "QR code")
        let size = code.side + 8
        #expect(
            svg.hasPrefix(
                """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(size)" role="img" \
                shape-rendering="crispEdges"><title>QR code</title><path fill="#fff" d="M0 0h\(size)v\(size)H0z"/><path d="M
                """))
        #expect(svg.hasSuffix("z\"/></svg>") && !svg.contains("style"))
        let path = try #require(svg.split(separator: "d=\"").last?.split(separator: "\"").first)
        var dark = Set<[Int]>()
        for rectangle in path.split(separator: "z") {
            let numbers = rectangle.split { !$0.isNumber }.compactMap { Int($0) }
            #expect(rectangle == "M\(numbers[0]) \(numbers[1])h\(numbers[2])v1h-\(numbers[2])")
            for column in numbers[0]..<numbers[0] + numbers[2] { dark.insert([numbers[1] - 4, column - 4]) }
        }
        for row in -4..<code.side + 4 {
            for column in -4..<code.side + 4 { #expect(dark.contains([row, column]) == code[row, column]) }
        }
    }
}
