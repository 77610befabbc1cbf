// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Farms and their nodes: what they have, what it costs, and that they are alive
/// @notice All of it is what their operators say and signed; nobody here has measured it. Deals are made over signed offers (Deals),
/// never over a price that stands here.
/// @dev A node's id binds its operator, so nobody can take another's node by naming its key first. That the key of the mesh is the
/// operator's is shown by `proof`, the hash of a statement signed with it, which readers fetch and check.
contract Nodes is EIP712 {
    struct Farm {
        address operator;
        /// Hash of what describes it: name, place, people.
        bytes32 about;
    }

    /// Memory and disk in MiB; prices in the token's smallest units an hour (NU: a GB of traffic).
    struct Statement {
        bytes32 farm;
        bytes32 meshKey;
        /// Whose transactions count as heartbeats.
        address pulse;
        uint32 cores;
        uint64 memory_;
        uint64 ssd;
        uint64 hdd;
        uint16 gpus;
        /// ISO 3166 country and region, ASCII, the rest zero.
        bytes32 region;
        address token;
        uint128 computeUnit;
        uint128 storageUnit;
        uint128 networkUnit;
        uint128 publicAddress;
        bytes32 proof;
        uint32 sequence;
        /// Seconds since 1970.
        uint64 expires;
    }

    bytes32 private constant _STATEMENT = keccak256(
        "Statement(bytes32 farm,bytes32 meshKey,address pulse,uint32 cores,uint64 memory_,uint64 ssd,uint64 hdd,uint16 gpus,bytes32 region,address token,uint128 computeUnit,uint128 storageUnit,uint128 networkUnit,uint128 publicAddress,bytes32 proof,uint32 sequence,uint64 expires)"
    );

    mapping(bytes32 id => Farm) public farms;
    mapping(bytes32 id => Statement) private _nodes;
    mapping(bytes32 id => uint64) public lastBeat;

    event FarmSet(bytes32 indexed farm, address indexed operator, bytes32 about);
    event NodeSet(bytes32 indexed node, bytes32 indexed farm, uint32 sequence);
    event Beat(bytes32 indexed node, uint64 when);

    error NotOperator();
    error FarmExists();
    error UnknownFarm();
    error UnknownNode();
    error OldSequence();
    error Expired();
    error BadSignature();
    error NotPulse();

    constructor() EIP712("Hypha Nodes", "1") {}

    function createFarm(bytes32 salt, bytes32 about) external returns (bytes32 farm) {
        farm = keccak256(abi.encode(msg.sender, salt));
        if (farms[farm].operator != address(0)) revert FarmExists();
        farms[farm] = Farm(msg.sender, about);
        emit FarmSet(farm, msg.sender, about);
    }

    function describeFarm(bytes32 farm, bytes32 about) external {
        if (farms[farm].operator != msg.sender) revert NotOperator();
        farms[farm].about = about;
        emit FarmSet(farm, msg.sender, about);
    }

    function nodeId(address operator, bytes32 meshKey) public pure returns (bytes32) {
        return keccak256(abi.encode(operator, meshKey));
    }

    /// @notice The EIP-712 digest that an operator signs.
    function digestOf(Statement calldata s) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_STATEMENT, s)));
    }

    /// @notice Hand in what the farm's operator says of a node; anybody may. A later sequence replaces an earlier one.
    function setNode(Statement calldata s, bytes calldata signature) external returns (bytes32 id) {
        address operator = farms[s.farm].operator;
        if (operator == address(0)) revert UnknownFarm();
        if (s.expires <= block.timestamp) revert Expired();
        if (!SignatureChecker.isValidSignatureNow(operator, digestOf(s), signature)) revert BadSignature();
        id = nodeId(operator, s.meshKey);
        if (s.sequence <= _nodes[id].sequence) revert OldSequence();
        _nodes[id] = s;
        emit NodeSet(id, s.farm, s.sequence);
    }

    /// @notice A sign of life.
    function beat(bytes32 id) external {
        Statement storage s = _nodes[id];
        if (s.sequence == 0) revert UnknownNode();
        if (msg.sender != s.pulse) revert NotPulse();
        lastBeat[id] = uint64(block.timestamp);
        emit Beat(id, uint64(block.timestamp));
    }

    function getNode(bytes32 id) external view returns (Statement memory) {
        if (_nodes[id].sequence == 0) revert UnknownNode();
        return _nodes[id];
    }

    /// @notice Whether its statement holds and it gave a sign of life in the last `within` seconds.
    function isUp(bytes32 id, uint64 within) external view returns (bool) {
        Statement storage s = _nodes[id];
        return s.sequence != 0 && block.timestamp < s.expires && lastBeat[id] != 0
            && block.timestamp - lastBeat[id] <= within;
    }
}
