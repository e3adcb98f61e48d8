import Foundation
import HTTPTypes
import SignetTestKit
import Testing

@testable import SignetClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Calling an API under the names of URLSession")
struct CallAsURLSessionTests {
    let scene = Scene()

    @Test("an upload sends the bytes, and once more after a 401")
    func upload() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, ""))
        var call = request()
        call.httpMethod = "PUT"

        let (data, response) = try await client.upload(for: call, from: Data("hello".utf8))

        #expect(response.statusCode == 200)
        #expect(String(decoding: data, as: UTF8.self).contains("hello"))
        #expect(scene.server.requests("/notes").map(\.body) == ["hello", "hello"])
        #expect(scene.server.requests("/notes").map(\.request.method) == [.put, .put])
    }

    @Test("an upload takes the place of what the request holds, as it does with URLSession")
    func uploadBesideBody() async throws {
        let client = try await scene.signedIn()
        var call = request()
        call.httpMethod = "POST"
        call.httpBodyStream = InputStream(data: Data("stream".utf8))

        _ = try await client.upload(for: call, from: Data("bytes".utf8))

        #expect(scene.server.requests("/notes").map(\.body) == ["bytes"])
    }

    @Test("an upload from a file sends what stands in it, and once more after a 401")
    func uploadFromFile() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, ""))
        var call = request()
        call.httpMethod = "POST"

        let folder = try TemporaryFolder()
        let file = URL(filePath: folder.file("note"))
        try Data("from a file".utf8).write(to: file)

        _ = try await client.upload(for: call, fromFile: file)

        #expect(scene.server.requests("/notes").map(\.body) == ["from a file", "from a file"])
    }

    @Test("a file that cannot be read is an error that says so, and nothing is sent")
    func uploadFromNoFile() async throws {
        let client = try await scene.signedIn()
        var call = request()
        call.httpMethod = "POST"

        let error = await failure { try await client.upload(for: call, fromFile: URL(filePath: "/nowhere/note")) }

        #expect(error == .network(.unreadableFile))
        #expect(scene.server.requests("/notes").isEmpty)
    }

    @Test("a download is a file that only its owner may read")
    func download() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, "no"), .answer(200, [:], "a long text"))

        let (file, response) = try await client.download(for: request())
        defer { try? FileManager.default.removeItem(at: file) }

        #expect(response.statusCode == 200)
        #expect(try String(contentsOf: file, encoding: .utf8) == "a long text")
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path())
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("bytes arrive one by one, after a 401 those of the second answer")
    func bytes() async throws {
        let client = try await scene.signedIn()
        scene.server.script("/notes", .answer(401, CallTests.invalidToken, "no"), .answer(200, [:], "one\n\ntwo"))

        let (bytes, response) = try await client.bytes(for: request())

        #expect(response.statusCode == 200)
        var seen: [UInt8] = []
        for try await byte in bytes { seen.append(byte) }
        #expect(seen == Array("one\n\ntwo".utf8))
    }

    @Test(
        "lines end with a line feed, a carriage return or both, and may be empty",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("a\rb", ["a", "b"]),
            ("\n", [""]), ("\r\n", [""]), ("\n\n", ["", ""]), ("\r\r\n\n", ["", "", ""]), ("a\r\n\r\nb", ["a", "", "b"]),
            ("ä\u{2028}€", ["ä\u{2028}€"]),
        ] as [(String, [String])])
    func lines(text: String, expected: [String]) async throws {
        // Each way to cut the text into two pieces, also within a character.
        for length in 0...text.utf8.count {
            let pieces = [Data(text.utf8.prefix(length)), Data(text.utf8.dropFirst(length))]
            let body = ResponseBody(
                AsyncThrowingStream { stream in
                    for piece in pieces { stream.yield(piece) }
                    stream.finish()
                })

            var lines: [String] = []
            for try await line in ResponseBytes(body).lines { lines.append(line) }

            #expect(lines == expected)
        }
    }

    @Test("what breaks off while it is read is `network`; a download leaves no file")
    func breaksOff() async throws {
        let before = try downloads()

        let ofBytes = await failure { for try await _ in ResponseBytes(Self.broken) {} }
        let ofDownload = await failure { try await DownloadedFile.write(Self.broken) }

        #expect(ofBytes == .network(TransportError("the connection was cut")))
        #expect(ofDownload == .network(TransportError("the connection was cut")))
        #expect(try downloads() == before)
    }

    @Test("none of them sends a token to an origin that was not named")
    func originNotNamed() async throws {
        let client = try await scene.signedIn()
        let before = scene.server.with { $0.requests.count }
        let url = try #require(URL(string: "https://evil.example.com/"))
        let elsewhere = URLRequest(url: url)
        let expected = SignetClientError.originNotNamed("https://evil.example.com")

        #expect(await failure { try await client.upload(for: elsewhere, from: Data()) } == expected)
        #expect(await failure { try await client.upload(for: elsewhere, fromFile: URL(filePath: "/dev/null")) } == expected)
        #expect(await failure { try await client.download(for: elsewhere) } == expected)
        #expect(await failure { try await client.download(from: url) } == expected)
        #expect(await failure { try await client.bytes(for: elsewhere) } == expected)
        #expect(await failure { try await client.bytes(from: url) } == expected)
        #expect(await failure { try await client.data(from: url) } == expected)
        #expect(scene.server.with { $0.requests.count } == before)
    }

    private static var broken: ResponseBody {
        ResponseBody(
            AsyncThrowingStream { stream in
                stream.yield(Data("half".utf8))
                stream.finish(throwing: TransportError("the connection was cut"))
            })
    }

    private func downloads() throws -> Set<String> {
        let folder = FileManager.default.temporaryDirectory.path()
        return Set(try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("signet-download-") })
    }
}
