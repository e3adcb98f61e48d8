import Foundation
import GRDB
package import SignetSessions
import SignetTokens

extension SQLiteStore {
    private static let update = """
        UPDATE sessions
        SET current_hash = :current, previous_hash = :previous, generation = :generation, key_version = :key_version,
            rotated_at = :rotated_at, rotation_key = :rotation_key, rotation_nonce = :rotation_nonce, recovered_in = :recovered_in,
            last_renewed_at = :last_renewed_at, address = :address, user_agent = :user_agent, ending = :ending, ended_at = :ended_at
        WHERE user_id = :user AND session_id = :session
        """

    /// Reads the row, decides, and writes, in one transaction of the one writer: what the decision saw cannot have changed meanwhile.
    package func rotate(_ rotation: Rotation) async throws -> RotationOutcome {
        try await write { [clock] database in
            try rotation.deadline.check()
            let now = clock.now
            let presented = rotation.presented
            var standing = try Self.standing(
                of: presented.sessionID, user: presented.userID, defaults: rotation.defaults, now: now, in: database
            )
            let policy = standing?.client.policy(with: rotation.defaults).renewal ?? RenewalPolicy()
            let decision = SessionRow.decision(for: presented, row: standing?.session.row, policy: policy, now: now)
            if let before = standing?.session.row {
                let after = before.applying(
                    decision, of: presented, successor: rotation.successor, keyVersion: rotation.keyVersion, policy: policy,
                    now: now
                )
                if after.generation != before.generation { try Self.checkVersion(after.keyVersion, in: database) }
                standing?.session.row = after
                // Where a reused token came from is the audit log's to say: it may be the thief's address.
                if after != before, after.ending == nil { standing?.session.origin = rotation.keptOrigin }
                if after != before, let session = standing?.session { try Self.save(session, at: now, in: database) }
                if after.ending != before.ending {
                    standing?.ending = after.ending
                    standing?.endedAt = now
                    try Self.log(
                        .session(presented.sessionID), of: presented.userID, by: .system, reason: SessionEnd.reused.rawValue,
                        at: now,
                        in: database
                    )
                }
            }
            for entry in rotation.auditEntries(for: decision, client: standing?.client.id) {
                try Self.record(entry, at: now, in: database)
            }
            return RotationOutcome(decision: decision, standing: standing)
        }
    }

    private static func save(_ session: Session, at now: UnixTime, in database: Database) throws {
        let row = session.row
        try database.cachedStatement(sql: update).execute(arguments: [
            "current": row.current.column, "previous": row.previous?.column, "generation": Int64(row.generation),
            "key_version": Int64(row.keyVersion), "rotated_at": row.rotatedAt.milliseconds,
            "rotation_key": row.rotationKey?.column,
            "rotation_nonce": row.rotationNonce.map { Data($0.bytes) }, "recovered_in": row.recoveredIn?.column,
            "last_renewed_at": row.lastRenewedAt.milliseconds, "ending": row.ending?.rawValue,
            "ended_at": row.ending == nil ? nil : now.milliseconds, "address": session.origin.address,
            "user_agent": session.origin.userAgent, "user": session.userID.column, "session": session.id.column,
        ])
    }
}
