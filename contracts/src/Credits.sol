// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Credits issued by one person
/// @notice A promise of its issuer, worth what the issuer honours. Only the issuer makes them, each time with the hash of a
/// record that says why; who holds them gives them back by `redeem`, with the hash of what they got for them.
/// @dev 6 decimals. Nobody can take them from a holder, stop them or make the issuer another.
contract Credits is ERC20, ERC20Permit {
    /// @notice Who issues them, and owes what they stand for.
    address public immutable issuer;

    /// @param record SHA-256 of the record that says what for.
    event Issued(address indexed to, uint256 amount, bytes32 indexed record);
    event Redeemed(address indexed from, uint256 amount, bytes32 indexed record);

    error NotIssuer();
    error NoRecord();

    constructor(string memory name, string memory symbol, address issuer_) ERC20(name, symbol) ERC20Permit(name) {
        issuer = issuer_;
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function issue(address to, uint256 amount, bytes32 record) external {
        if (msg.sender != issuer) revert NotIssuer();
        if (record == 0) revert NoRecord();
        _mint(to, amount);
        emit Issued(to, amount, record);
    }

    /// @notice Give credits back for what they stand for.
    function redeem(uint256 amount, bytes32 record) external {
        if (record == 0) revert NoRecord();
        _burn(msg.sender, amount);
        emit Redeemed(msg.sender, amount, record);
    }
}
