import Foundation
import HTTPTypes
import SignetClient
import Synchronization
import Testing

extension TransportContract {
    /// What `send` promises.
    public static let sending = [
        Self("method, path, headers and body arrive, and so does the answer") { transport in
            let server = try LoopbackServer { _ in
                "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
            }
            defer { server.stop() }
            let fields: HTTPFields = [.authorization: "Bearer eyJ", .contentType: "text/plain"]

            let (response, body) = try await transport.send(
                server.request(.post, "/a/b?c=d%20e", fields), body: Data("hello".utf8), timeout: .seconds(60))

            #expect(response.status.code == 201)
            #expect(response.headerFields[.contentType] == "application/json")
            #expect(body == Data("{}".utf8))
            let sent = try #require(server.requests.first)
            #expect(sent.hasPrefix("POST /a/b?c=d%20e HTTP/1.1\r\n"))
            #expect(sent.contains("Authorization: Bearer eyJ\r\n"))
            #expect(sent.hasSuffix("\r\n\r\nhello"))
        },
        Self("a redirect is not followed") { transport in
            for status in [301, 302, 303, 307, 308] {
                let server = try LoopbackServer { _ in
                    "HTTP/1.1 \(status) Away\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                }
                defer { server.stop() }

                let (response, _) = try await transport.send(server.request(), body: nil, timeout: .seconds(60))

                #expect(response.status.code == status)
                #expect(response.headerFields[.location] == "/elsewhere")
                #expect(server.requests.count == 1)
            }
        },
        Self("a 401 is an answer like any other, whatever it asks for") { transport in
            for challenge in [
                #"Bearer realm="a", error="invalid_token""#, #"Basic realm="a""#, #"Digest realm="a", nonce="b""#,
                #"DPoP algs="ES256""#,
            ] {
                let server = try LoopbackServer { _ in
                    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: \(challenge)\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
                }
                defer { server.stop() }

                let (response, body) = try await transport.send(server.request(), body: nil, timeout: .seconds(60))

                #expect(response.status.code == 401)
                #expect(response.headerFields[.wwwAuthenticate] == challenge)
                #expect(body == Data("no".utf8))
            }
        },
        Self("a connection that is closed or cut is an error, never half an answer, and the error tells no part of either side") {
            transport in
            for answer in [nil, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access"] {
                let server = try LoopbackServer { _ in answer }
                defer { server.stop() }

                let error = await #expect(throws: (any Error).self) {
                    try await transport.send(
                        server.request(.get, "/private", [.authorization: "Bearer eyJ"]), body: nil, timeout: .seconds(60))
                }

                for part in ["127.0.0.1", "private", "eyJ", "access"] { #expect(error.map { "\($0)" }?.contains(part) == false) }
            }
        },
        Self("nobody listening is an error") { transport in
            let server = try LoopbackServer { _ in nil }
            server.stop()

            await #expect(throws: (any Error).self) {
                try await transport.send(server.request(), body: nil, timeout: .seconds(60))
            }
        },
        Self("a cancelled caller gets CancellationError") { transport in
            let release = DispatchSemaphore(value: 0)
            let server = try LoopbackServer { _ in
                release.wait()
                return nil
            }
            defer { server.stop() }

            let call = Task { try await transport.send(server.request(), body: nil, timeout: .seconds(60)) }
            while server.requests.isEmpty { await Task.yield() }
            call.cancel()

            await #expect(throws: CancellationError.self) { try await call.value }
            release.signal()
        },
        Self("a server that sends a byte now and then is given up when the whole answer takes too long") { transport in
            let server = try LoopbackServer { _, connection in
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while connection.write("x") { usleep(10_000) }
            }
            defer { server.stop() }

            await #expect(throws: (any Error).self) {
                try await transport.send(server.request(), body: nil, timeout: .seconds(1))
            }
        },
    ]

    /// What `send` promises for every byte after which a connection may be cut.
    ///
    /// `URLSessionTransport` is not held to it on Linux, where Foundation ends the process.
    public static let cutting = [
        Self("an answer that is cut after any of its bytes is an error") { transport in
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\nX-Last: 1\r\n\r\neyJ.body"
            let cut = Mutex(0)
            let server = try LoopbackServer { _ in String(decoding: answer.utf8.prefix(cut.withLock(\.self)), as: UTF8.self) }
            defer { server.stop() }

            for count in 0..<answer.utf8.count {
                cut.withLock { $0 = count }
                await #expect(throws: (any Error).self, "after \(count) bytes") {
                    try await transport.send(server.request(), body: nil, timeout: .seconds(60))
                }
            }
            cut.withLock { $0 = answer.utf8.count }
            let (_, body) = try await transport.send(server.request(), body: nil, timeout: .seconds(60))
            #expect(body == Data("eyJ.body".utf8))
        },
        Self("a chunked answer that is cut after any of its bytes is an error") { transport in
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunks = "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
            let cut = Mutex(0)
            let server = try LoopbackServer { _ in
                head + String(decoding: chunks.utf8.prefix(cut.withLock(\.self)), as: UTF8.self)
            }
            defer { server.stop() }

            for count in 0..<chunks.utf8.count {
                cut.withLock { $0 = count }
                await #expect(throws: (any Error).self, "after \(count) bytes") {
                    try await transport.send(server.request(), body: nil, timeout: .seconds(60))
                }
            }
        },
    ]
}
