using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class SpaceSamples : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "SpaceSamples",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    DatasetId = table.Column<long>(type: "INTEGER", nullable: true),
                    PoolId = table.Column<long>(type: "INTEGER", nullable: true),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Used = table.Column<long>(type: "INTEGER", nullable: false),
                    Available = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SpaceSamples", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SpaceSamples_Datasets_DatasetId",
                        column: x => x.DatasetId,
                        principalTable: "Datasets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_SpaceSamples_Pools_PoolId",
                        column: x => x.PoolId,
                        principalTable: "Pools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_At",
                table: "SpaceSamples",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_DatasetId",
                table: "SpaceSamples",
                column: "DatasetId");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_PoolId",
                table: "SpaceSamples",
                column: "PoolId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "SpaceSamples");
        }
    }
}
