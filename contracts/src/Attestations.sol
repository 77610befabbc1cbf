// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title What people say of each other, signed and dated
/// @notice Only hashes are kept here: what was said stays with who said it and who it is about.
contract Attestations is EIP712 {
    struct Attestation {
        address issuer;
        bool revocable;
        /// Seconds since 1970; 0 for one that does not end.
        uint64 expires;
        uint64 made;
        uint64 revokedAt;
        bytes32 schema;
        bytes32 subject;
        bytes32 content;
    }

    bytes32 private constant _STATEMENT = keccak256(
        "Attestation(address issuer,bytes32 schema,bytes32 subject,bytes32 content,uint64 expires,bool revocable,bytes32 salt)"
    );

    mapping(bytes32 id => Attestation) private _made;

    event Attested(bytes32 indexed id, address indexed issuer, bytes32 indexed subject, bytes32 schema, bytes32 content);
    event Revoked(bytes32 indexed id, address indexed issuer);

    error Unknown(bytes32 id);
    error MadeBefore(bytes32 id);
    error NotIssuer();
    error NotRevocable();
    error Expired();
    error BadSignature();

    constructor() EIP712("Hypha Attestations", "1") {}

    /// @notice The id that a statement gets, whoever hands it in.
    function idOf(
        address issuer,
        bytes32 schema,
        bytes32 subject,
        bytes32 content,
        uint64 expires,
        bool revocable,
        bytes32 salt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(_STATEMENT, issuer, schema, subject, content, expires, revocable, salt))
        );
    }

    /// @notice Say something oneself.
    function attest(bytes32 schema, bytes32 subject, bytes32 content, uint64 expires, bool revocable, bytes32 salt)
        external
        returns (bytes32 id)
    {
        id = idOf(msg.sender, schema, subject, content, expires, revocable, salt);
        _make(id, msg.sender, schema, subject, content, expires, revocable);
    }

    /// @notice Hand in what `issuer` signed: EIP-712, or ERC-1271 where the issuer is a contract.
    function attestFor(
        address issuer,
        bytes32 schema,
        bytes32 subject,
        bytes32 content,
        uint64 expires,
        bool revocable,
        bytes32 salt,
        bytes calldata signature
    ) external returns (bytes32 id) {
        id = idOf(issuer, schema, subject, content, expires, revocable, salt);
        if (!SignatureChecker.isValidSignatureNow(issuer, id, signature)) revert BadSignature();
        _make(id, issuer, schema, subject, content, expires, revocable);
    }

    function revoke(bytes32 id) external {
        Attestation storage one = _made[id];
        if (one.made == 0) revert Unknown(id);
        if (one.issuer != msg.sender) revert NotIssuer();
        if (!one.revocable || one.revokedAt != 0) revert NotRevocable();
        one.revokedAt = uint64(block.timestamp);
        emit Revoked(id, msg.sender);
    }

    function get(bytes32 id) external view returns (Attestation memory) {
        if (_made[id].made == 0) revert Unknown(id);
        return _made[id];
    }

    /// @notice Whether it was made, was not taken back and has not run out.
    function holds(bytes32 id) external view returns (bool) {
        Attestation storage one = _made[id];
        return one.made != 0 && one.revokedAt == 0 && (one.expires == 0 || block.timestamp < one.expires);
    }

    function _make(
        bytes32 id,
        address issuer,
        bytes32 schema,
        bytes32 subject,
        bytes32 content,
        uint64 expires,
        bool revocable
    ) private {
        if (_made[id].made != 0) revert MadeBefore(id);
        if (expires != 0 && expires <= block.timestamp) revert Expired();
        _made[id] = Attestation({
            issuer: issuer,
            revocable: revocable,
            expires: expires,
            made: uint64(block.timestamp),
            revokedAt: 0,
            schema: schema,
            subject: subject,
            content: content
        });
        emit Attested(id, issuer, subject, schema, content);
    }
}
