import Testing

@Suite("Reading an answer")
struct RawAnswerTests {
    @Test(
        "the body ends where the head says",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nwax", 200, "wax"),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseal\r\nA;x=y\r\ning wax, r\r\n0\r\n\r\n", 200,
                "sealing wax, r"
            ),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\nsorry", 503, "sorry"),
        ])
    func reads(answer: String, status: Int, body: String) throws {
        let answer = try RawAnswer(Array(answer.utf8))

        #expect(answer.status == status)
        #expect(answer.text == body)
    }

    @Test(
        "one byte less is a cut answer",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nwax",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseal\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseal\r\n0\r\nA: b\r\n\r\n",
        ])
    func notices(answer: String) throws {
        let bytes = Array(answer.utf8)
        for count in 0..<bytes.count {
            #expect(throws: RawAnswer.Failure.cut(received: count)) { try RawAnswer(Array(bytes.prefix(count))) }
        }
    }

    @Test("header fields are found in any case")
    func findsFields() throws {
        let answer = try RawAnswer(
            Array("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate:  Bearer \r\nContent-Length: 0\r\n\r\n".utf8))

        #expect(answer[field: "www-authenticate"] == "Bearer")
        #expect(answer[field: "Retry-After"] == nil)
    }

    @Test("the answer to HEAD has a length and no body")
    func knowsHead() throws {
        #expect(try RawAnswer(Array("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n".utf8), toHead: true).body == [])
    }

    @Test("JSON is read into a type")
    func readsJSON() throws {
        let answer = try RawAnswer(Array("HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":\"invalid_grant\"}".utf8))

        #expect(try answer.json([String: String].self) == ["error": "invalid_grant"])
    }
}
