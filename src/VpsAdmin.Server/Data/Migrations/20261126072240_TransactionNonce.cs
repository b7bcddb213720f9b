using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class TransactionNonce : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Nonce",
                table: "Transactions",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Nonce",
                table: "Transactions");
        }
    }
}
