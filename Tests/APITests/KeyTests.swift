import AccessSigning
import Bytes
import Catalog
import Crypto
import EdgeControl
import HTTPServer
import HTTPWire
import JSON
import SigningKeys
import Testing

@testable import API

@Suite struct KeyTests {
    private func keeper(_ bench: Bench) async throws -> Task<Void, Never> {
        Task { await KeyKeeper(bench.keys).run() }
    }

    private func state(_ bench: Bench, _ id: String) async -> String {
        await bench.call(.get, "/admin/keys/\(id)", as: "token-admin").json["state"]?.string ?? ""
    }

    @Test func `keys are for administrators`() async throws {
        let bench = try await Bench()
        let calls: [(HTTPMethod, String)] = [
            (.get, "/admin/keys"), (.post, "/admin/keys"), (.post, "/admin/keys/rotate"), (.get, "/admin/keys/K2WEIR"),
            (.delete, "/admin/keys/K2WEIR"), (.post, "/admin/keys/K2WEIR/retire"), (.post, "/admin/keys/sign"),
            (.post, "/admin/token-keys/rotate"),
        ]
        for (method, path) in calls {
            #expect(await bench.call(method, path).status == .unauthorized)
            #expect(await bench.call(method, path, as: "token-anna").code == "role_required")
        }
        #expect(try await bench.orders().isEmpty)
    }

    @Test func `another key signs tokens, in time or at once`() async throws {
        let bench = try await Bench()
        for (input, time) in [([:], "1970-01-01T00:00:00.002Z"), (["now": true], "1970-01-01T00:00:00.001Z")]
            as [(JSONValue, JSONValue)]
        {
            let answer = await bench.call(.post, "/admin/token-keys/rotate", as: "token-admin", input)
            #expect(answer.status == .accepted && answer.json == ["keyId": "next", "signsFrom": time])
        }
    }

    @Test func `a new key is listed without its private half`() async throws {
        let bench = try await Bench()
        let made = await bench.call(.post, "/admin/keys", as: "token-admin", ["algorithm": "ECDSA-P256"])
        #expect(made.status == .created)
        #expect(made.json["state"] == "trusted" && made.json["createdBy"] == "admin")
        #expect(made.json["groupId"] == "playback" && made.json["hasPrivateKey"] == true)
        #expect(made.json["edges"]?["connected"] == 0)
        let page = await bench.call(.get, "/admin/keys?limit=1", as: "token-admin")
        #expect(page.json["items"]?.array?.count == 1)
        let next = page.json["lastEvaluatedKey"]?.string ?? ""
        let rest = await bench.call(.get, "/admin/keys?startKey=\(next)", as: "token-admin")
        let ids = [page, rest].flatMap { $0.json["items"]?.array ?? [] }.compactMap { $0["keyPairId"]?.string }
        #expect(Set(ids) == ["K2WEIR", made.json["keyPairId"]?.string ?? ""])
        for answer in [made, page, rest] {
            #expect(!String(decoding: answer.json.serialized(), as: UTF8.self).contains("PRIVATE"))
        }
    }

    @Test func `playback is signed with the new key once a rotation is through, without a restart`() async throws {
        let bench = try await Bench()
        let video = try await bench.playing()
        let work = try await keeper(bench)
        let begun = await bench.call(.post, "/admin/keys/rotate", as: "token-admin", ["algorithm": "ECDSA-P256"])
        #expect(begun.status == .accepted)
        let id = begun.json["keyPairId"]?.string ?? ""
        while await state(bench, id) != "signing" { try await Task.sleep(for: .milliseconds(5)) }
        work.cancel()
        let playback = await bench.call(.post, "/videos/\(video)/playback", as: "token-anna", [:])
        let cookies = playback.headers.values("set-cookie")
        #expect(cookies.contains { $0.hasPrefix("CloudFront-Key-Pair-Id=\(id);") })
        #expect(cookies.contains { $0.hasPrefix("CloudFront-Hash-Algorithm=SHA256;") })
        #expect(await state(bench, "K2WEIR") == "verifying")
    }

    @Test func `a policy is signed with the key that signs, as it stands`() async throws {
        let bench = try await Bench()
        let policy = CloudFrontPolicy(resource: "http*://*/media/*", expires: 1_900_000_000).customText
        for (hash, digest) in [(nil, .sha1), ("SHA1", .sha1), ("SHA256", .sha256)] as [(String?, DigestAlgorithm)] {
            var order: JSONObject = ["policy": .string(policy)]
            if let hash { order["hashAlgorithm"] = .string(hash) }
            let answer = await bench.call(.post, "/admin/keys/sign", as: "token-admin", .object(order))
            #expect(answer.status == .ok)
            #expect(answer.json["keyPairId"] == "K2WEIR")
            #expect(answer.json["hashAlgorithm"]?.string == hash ?? "SHA1")
            let signature = try #require(Base64.decode(answer.json["signature"]?.string ?? "", alphabet: .cloudFront))
            let key = await bench.call(.get, "/admin/keys/K2WEIR", as: "token-admin").json["publicKey"]?.string
            let isGood = try PublicKey(pem: key ?? "").verify(
                signature: signature, message: Array(policy.utf8), digest: digest)
            #expect(isGood)
        }
        let wrong: [(JSONObject, Int)] = [
            ([:], 400), (["policy": ""], 400), (["policy": 7], 400),
            (["policy": .string(policy), "hashAlgorithm": "MD5"], 400), (["policy": "text"], 422),
            (["policy": .string(policy + "x")], 422),
            (["policy": #"{"Statement":[{"Resource":"*","Condition":{}}]}"#], 422),
        ]
        for (order, status) in wrong {
            let answer = await bench.call(.post, "/admin/keys/sign", as: "token-admin", .object(order))
            #expect(answer.status.code == status, "\(order)")
        }
    }

    @Test func `the key that signs is neither retired nor deleted, any other is`() async throws {
        let bench = try await Bench()
        for (method, path) in [(.post, "/admin/keys/K2WEIR/retire"), (.delete, "/admin/keys/K2WEIR")]
            as [(HTTPMethod, String)]
        {
            let refused = await bench.call(method, path, as: "token-admin")
            #expect(refused.status == .conflict && refused.code == "key_signs")
            #expect(refused.json["detail"]?.string?.contains("weir keys rotate") == true)
        }
        let made = await bench.call(.post, "/admin/keys", as: "token-admin", ["algorithm": "ECDSA-P256"])
        let id = made.json["keyPairId"]?.string ?? ""
        let gone = await bench.call(.delete, "/admin/keys/\(id)", as: "token-admin")
        #expect(gone.json["state"] == "retired" && gone.json["retiredBy"] == "admin")
        #expect(gone.json["hasPrivateKey"] == false)
        #expect(await bench.call(.get, "/admin/keys/KNONE", as: "token-admin").code == "key_not_found")
    }

    @Test func `a public key of somebody else is trusted`() async throws {
        let bench = try await Bench()
        let pem = try PrivateKey.generateP256().publicKey.pem
        let body: JSONValue = ["publicKey": .string(pem), "groupId": "partners"]
        let made = await bench.call(.post, "/admin/keys", as: "token-admin", body)
        #expect(made.json["algorithm"] == "ECDSA-P256" && made.json["hasPrivateKey"] == false)
        #expect(try await bench.orders().last?["keys"]?["groups"]?["partners"]?[0]?["publicKey"] == .string(pem))
    }

    @Test(arguments: [
        (#"{"algorithm":"DSA"}"#, 400, "algorithm"), (#"{"groupId":"a b"}"#, 400, "groupId"),
        (#"{"groupId":""}"#, 400, "groupId"), (#"{"publicKey":"x"}"#, 422, "public key"),
        (#"{"publicKey":"x","algorithm":"RSA-2048"}"#, 400, "algorithm"),
    ])
    func `what is wrong with a request for a key is named`(
        _ body: String, _ status: Int, _ word: String
    ) async throws {
        let bench = try await Bench()
        let answer = await bench.call(.post, "/admin/keys", as: "token-admin", try JSONValue.parse(Array(body.utf8)))
        #expect(answer.status.code == status && answer.json["detail"]?.string?.contains(word) == true)
    }
}
